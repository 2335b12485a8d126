import type pg from 'pg';
import type { OutsideEventKind } from '../platform/outside-event.js';

/** After so many s the next try is made, at a random moment of the last tenth: eleven tries within a day. */
const DELAYS = [5, 30, 120, 600, 1_800, 3_600, 7_200, 14_400, 28_800, 28_800];

/** Whom something is on its way to: a webhook, by its id, or all who get letters. */
export type Target = { webhookId: string } | 'letters';

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

const CLAIM = `
  with due as materialized (
    select d.id from outside_delivery d
    where d.webhook_id is not distinct from $1 and ${FREE}
    order by d.next_at, d.id limit 1
    for update skip locked
  )
  update outside_delivery d set lease_until = clock_timestamp() + $2 * interval '1 ms', fence = d.fence + 1, tries = d.tries + 1
  from due, outside_event e left join webhook w on w.id = $1
  where d.id = due.id and e.id = d.event_id and coalesce(w.enabled, $1::bigint is null)
  returning d.id, d.fence, d.tries, d.event_id as "eventId", e.kind, e.at, e.data, w.url, w.secret, d.recipient, clock_timestamp() as now`;

/**
 * Takes one that is due in hand: committed before anything is sent.
 *
 * @param leaseMs how long it is ours
 */
export async function claimDelivery(pool: pg.Pool, target: Target, leaseMs: number): Promise<Claimed | null> {
  const webhookId = target === 'letters' ? null : target.webhookId;
  const { rows } = await pool.query<Claimed>({ name: 'claim-delivery', text: CLAIM, values: [webhookId, leaseMs] });
  return rows[0] ?? null;
}

/** Only who holds the fence writes: what another took over meanwhile is the other's. */
const RECORD = `
  with d as (
    update outside_delivery set status = $3, next_at = clock_timestamp() + $4 * interval '1 s', lease_until = null,
      tried_at = clock_timestamp(), answer_status = $5, answer_body = $6, reason = $7
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
  const { id, fence } = claimed;
  const values = [id, fence, status, inS, tried.status, tried.body, tried.reason, tried.gone === true];
  await pool.query({ name: 'record-delivery', text: RECORD, values });
}

/** Each webhook of its own, and all letters together. */
const FIND = `
  select distinct d.webhook_id as "webhookId" from outside_delivery d left join webhook w on w.id = d.webhook_id
  where ${FREE} and coalesce(w.enabled, d.webhook_id is null)`;

/** @returns for whom something is due, by the rows alone */
export async function findDueTargets(pool: pg.Pool): Promise<Target[]> {
  const { rows } = await pool.query<{ webhookId: string | null }>({ name: 'find-due-targets', text: FIND });
  return rows.map(({ webhookId }) => (webhookId === null ? 'letters' : { webhookId }));
}
