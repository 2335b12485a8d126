import type pg from 'pg';
import type { OutsideEventKind } from '../platform/outside-event.js';

/** After so many s the next try is made, at a random moment of the last tenth: eleven tries within a day. */
const DELAYS = [5, 30, 120, 600, 1_800, 3_600, 7_200, 14_400, 28_800, 28_800];

/** Whom something is on its way to: a webhook, by its id, or those who get letters now, by their e-mail addresses. */
export type Target = { webhookId: string } | { recipients: readonly string[] };

/** What is to be done now, by one worker. */
export interface Claimed {
  id: string;
  fence: number;
  /** Of this try, from 1 on. */
  tries: number;
  eventId: string;
  kind: OutsideEventKind;
  at: Date;
  data: Record<string, unknown>;
  /** Null of a letter. */
  url: string | null;
  secret: string | null;
  /** Null of a webhook. */
  recipient: string | null;
  /** By the database's clock. */
  now: Date;
}

/** What came of a try. */
export interface Tried {
  ok: boolean;
  /** Nobody wants to be told there any more: the webhook is disabled. */
  gone?: boolean;
  status: number | null;
  body: string | null;
  reason: string | null;
}

const FREE = `d.status = 'WAITING' and d.next_at <= clock_timestamp() and (d.lease_until is null or d.lease_until <= clock_timestamp())`;
/** Nothing goes to a webhook that is disabled, nor to an address that is out of the settings. */
const WANTED = (recipients: string) => `(w.enabled or d.recipient = any (${recipients}::text[]))`;

const CLAIM = `
  with due as materialized (
    select d.id, w.url, w.secret from outside_delivery d left join webhook w on w.id = d.webhook_id
    where d.webhook_id is not distinct from $1 and ${FREE} and ${WANTED('$3')}
    order by d.next_at, d.id limit 1
    for update of d skip locked
  )
  update outside_delivery d set lease_until = clock_timestamp() + $2 * interval '1 ms', fence = d.fence + 1, tries = d.tries + 1
  from due, outside_event e
  where d.id = due.id and e.id = d.event_id
  returning d.id, d.fence, d.tries, d.event_id as "eventId", e.kind, e.at, e.data, due.url, due.secret, d.recipient, clock_timestamp() as now`;

/**
 * Takes one that is due in hand: committed before anything is sent.
 *
 * @param leaseMs how long it is ours
 */
export async function claimDelivery(pool: pg.Pool, target: Target, leaseMs: number): Promise<Claimed | null> {
  const [webhookId, recipients] = 'webhookId' in target ? [target.webhookId, null] : [null, target.recipients];
  const values = [webhookId, leaseMs, recipients];
  const { rows } = await pool.query<Claimed>({ name: 'claim-delivery', text: CLAIM, values });
  return rows[0] ?? null;
}

/**
 * Only who holds the fence writes: what another took over meanwhile is the other's. Where a person asked for it once more during
 * the try, tries are counted anew, and whatever came of this one it goes out again.
 */
const RECORD = `
  with d as (
    update outside_delivery set status = case tries when $9 then $3 else status end,
      next_at = case tries when $9 then clock_timestamp() + $4 * interval '1 s' else next_at end, lease_until = null, tried_at = clock_timestamp(),
      answer_status = $5, answer_body = $6, reason = $7
    where id = $1 and fence = $2 and lease_until is not null
    returning webhook_id
  )
  update webhook w set enabled = false, disabled_reason = 'Its server answered 410 Gone.'
  from d where w.id = d.webhook_id and $8`;

/** Writes down what came of a try, and when the next one is, if any. */
export async function recordDelivery(pool: pg.Pool, claimed: Pick<Claimed, 'id' | 'fence' | 'tries'>, tried: Tried) {
  const delay = DELAYS[claimed.tries - 1];
  const status = tried.ok ? 'DELIVERED' : tried.gone || delay === undefined ? 'FAILED' : 'WAITING';
  // Many that failed together must not come again together.
  const inS = (delay ?? 0) * (0.9 + 0.1 * Math.random());
  const { id, fence, tries } = claimed;
  const values = [id, fence, status, inS, tried.status, tried.body, tried.reason, tried.gone === true, tries];
  await pool.query({ name: 'record-delivery', text: RECORD, values });
}

/** Each webhook of its own, and all letters together. */
const FIND = `
  select distinct d.webhook_id as "webhookId" from outside_delivery d left join webhook w on w.id = d.webhook_id
  where ${FREE} and ${WANTED('$1')}`;

/**
 * @param recipients who gets letters now
 * @returns for whom something is due, by the rows alone
 */
export async function findDueTargets(pool: pg.Pool, recipients: readonly string[]): Promise<Target[]> {
  const values = [recipients];
  const { rows } = await pool.query<{ webhookId: string | null }>({ name: 'find-due-targets', text: FIND, values });
  return rows.map(({ webhookId }) => (webhookId === null ? { recipients } : { webhookId }));
}

/**
 * Gives up letters that were due for a day to addresses that are out of the settings. Not at once: while settings change, one process
 * knows an address that another doesn't yet.
 */
export async function giveUpLetters(pool: pg.Pool, recipients: readonly string[]): Promise<void> {
  await pool.query(
    `update outside_delivery set status = 'FAILED', lease_until = null, reason = 'this address is out of the settings'
     where status = 'WAITING' and webhook_id is null and not recipient = any ($1)
       and next_at < clock_timestamp() - interval '1 day' and (lease_until is null or lease_until <= clock_timestamp())`,
    [recipients],
  );
}
