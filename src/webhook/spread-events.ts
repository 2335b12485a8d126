import type pg from 'pg';
import { dropRows } from '../platform/drop-rows.js';

/** How long an event and what became of it are kept. */
const KEPT = '30 days';

/**
 * Finds out whom the events go to that nobody was told of: the enabled webhooks that want them and were there by then, and of what
 * is wrong all who get letters. An event's row is locked by its update, so of two who spread it at once one does.
 */
const SPREAD = `
  with e as (
    update outside_event set spread_at = clock_timestamp() where spread_at is null returning id, at, kind
  )
  insert into outside_delivery (event_id, webhook_id, recipient)
  select e.id, w.id, null from e join webhook w on w.enabled and e.kind = any (w.events) and w.created_at <= e.at
  where e.kind <> 'webhook.test'
  union all
  select e.id, null, r from e cross join unnest($1::text[]) r where e.kind in ('mailing.stuck', 'circuit.opened')`;

/** @param recipients e-mail addresses for alarms */
export async function spreadEvents(pool: pg.Pool, recipients: readonly string[]): Promise<void> {
  await pool.query({ name: 'spread-events', text: SPREAD, values: [recipients] });
}

/** Drops the events of more than a month ago with all that became of them. @returns how many */
export async function dropOldEvents(pool: pg.Pool): Promise<number> {
  return await dropRows(pool, 'outside_event', `at < clock_timestamp() - interval '${KEPT}'`);
}
