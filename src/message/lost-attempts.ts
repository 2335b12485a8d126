/**
 * The CTE `lost`: a lease that ran out means that its worker died, and that attempt goes into the message's timeline. The
 * mailing's id is `$1`.
 *
 * @param source a CTE (id, fence, claimed_at, lost) of locked messages
 */
export function lostAttempts(source: string): string {
  return `lost as (
    insert into message_attempt (mailing_id, message_id, fence, started_at, outcome, reason)
    select $1, id, fence, claimed_at, 'lost', 'the worker that had it never reported back' from ${source} where lost
    on conflict do nothing
  )`;
}
