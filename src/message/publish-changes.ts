import { tellOutside } from '../platform/outside-event.js';
import { mailingNews } from './mailing-news.js';

/**
 * The end of every statement that writes message statuses: counts what changed into the mailing row, gives it the next
 * version and appends the change row, in the same transaction; one that finishes the mailing tells the outside so. It expects a CTE before it,
 *
 *     changed (id, old, new, shown)
 *
 * where `old` is null for a message just made, and `shown` is what subscribers are told (null: nothing). The mailing's
 * id is `$1`. The mailing row is locked last, after the messages in id order: everybody locks in this order, so nobody
 * deadlocks, and versions are gap-free in commit order. A batch that changes nothing takes no version.
 *
 * Gives one row (version, status, `finished`: FinishedCounts), or none when nothing changed or `where` did not hold.
 */
export interface PublishOptions {
  /** More columns to set on the mailing `g`: `launch_cursor = …`. */
  set?: string;
  /** What must hold of the mailing `g` for anything to be counted. The caller rolls back when no row comes. */
  where?: string;
  /** An SQL condition on `g` that is true when no further message will be made. */
  launchCompleted?: string;
  /**
   * The plan under which the statement decided, in SQL. When the mailing has a newer one by now, what was decided may be
   * wrong by it: the mailing is planned anew from its first message, and is not completed before that is done. Each such wish
   * is a number of its own below all ids: a replan that is just at its first chunk, which did not see what was decided here, must
   * not take the wish for the one that it fulfils.
   */
  plan?: string;
  /** An SQL condition that is true when this statement ends a replan; else none may be under way for a mailing to complete. */
  replanned?: string;
  /** Whether a completed mailing goes on when this statement opens messages of it again. */
  reopens?: boolean;
  /** Takes a version even when no message changed. */
  always?: boolean;
  /** More columns of the row it gives; `tally` has the counts. */
  returning?: string;
}

/** Messages that got a final status, less those that lost it, by status. */
export type FinishedCounts = Record<'sent' | 'failed' | 'expired' | 'cancelled' | 'unknown', number>;

const FINISHED = `(select jsonb_build_object('sent', sent, 'failed', failed, 'expired', expired, 'cancelled', cancelled,
    'unknown', unknown) from tally) as finished`;

export function publishChanges(options: PublishOptions = {}): string {
  const moved = (status: string) =>
    `count(*) filter (where new = '${status}') - count(*) filter (where old is not distinct from '${status}')`;
  const outdated = options.plan && `g.plan <> ${options.plan}`;
  const replanned = `${options.replanned ?? 'g.replan_cursor is null'}${outdated ? ` and not (${outdated})` : ''}`;
  const completes = `g.status in ('RUNNING', 'PAUSED') and ${options.launchCompleted ?? 'g.launch_completed_at is not null'}
      and ${replanned} and g.open + t.open = 0`;
  // The last open message of a cancelled one was settled: its counts are what they will be.
  const settles = `g.status = 'CANCELLED' and g.open = 0 and t.open < 0`;
  const completed = `g.status = 'COMPLETED' and ${options.where ? 'true' : 't.open <> 0'}`;
  const reopens = options.reopens ? `g.status = 'COMPLETED' and t.open > 0` : 'false';
  return `
  tally as materialized (
    select count(*)::int as n, (count(*) filter (where old is null))::int as born,
      (count(*) filter (where new <> 'OPEN' and new is distinct from old))::int as finished,
      (${moved('OPEN')})::int as open, (${moved('SENT')})::int as sent, (${moved('FAILED')})::int as failed,
      (${moved('EXPIRED')})::int as expired, (${moved('CANCELLED')})::int as cancelled,
      (${moved('UNKNOWN')})::int as unknown,
      coalesce(array_agg(id order by id) filter (where shown is not null), '{}') as ids,
      coalesce(array_agg(shown order by id) filter (where shown is not null), '{}') as shown
    from changed
  ), moved as (
    update mailing g set version = g.version + 1,
      total = g.total + t.born, open = g.open + t.open, sent = g.sent + t.sent, failed = g.failed + t.failed,
      expired = g.expired + t.expired, cancelled = g.cancelled + t.cancelled, unknown = g.unknown + t.unknown,
      status = case when ${completes} then 'COMPLETED' when ${reopens} then 'RUNNING' else g.status end,
      finished_at = case when ${completes} then clock_timestamp() when ${reopens} then null else g.finished_at end
      ${outdated ? `, replan_cursor = case when ${outdated} then -(g.version + 1) else g.replan_cursor end` : ''}
      ${options.set ? `, ${options.set}` : ''}
    from tally t
    where g.id = $1 ${options.always ? '' : 'and t.n > 0'} ${options.where ? `and ${options.where}` : ''}
    returning g.version, g.status, ${completed} as completed, case when ${completed} or ${settles} then ${mailingNews('g')} end as news
  ), change_row as (
    insert into mailing_change (mailing_id, version, at, finished, sent, message_ids, statuses)
    select $1, moved.version, clock_timestamp(), tally.finished, tally.sent, tally.ids, tally.shown from moved, tally
  ), event_row as (
    insert into mailing_event (mailing_id, at, kind, by) select $1, clock_timestamp(), 'COMPLETED', 'heliograph' from moved where completed
  ), told as (
    ${tellOutside('mailing.finished', { data: 'news', from: 'moved where news is not null' })}
  )
  select version, status, ${FINISHED}${options.returning ? `, ${options.returning}` : ''} from moved`;
}
