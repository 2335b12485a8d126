import type pg from 'pg';
import { SENDING_ALLOWED } from '../message/claim-messages.js';
import { dropRows } from '../platform/drop-rows.js';

/** A mailing that waits for a job, and which. */
export interface DueWork {
  mailingId: string;
  job: 'mailing.launch' | 'mailing.dispatch' | 'mailing.finish' | 'mailing.replan' | 'mailing.test';
}

/**
 * Everything that should be going on now, by the rows alone: what re-rings the bells that were missed. Looks at live
 * mailings only, and at one due message of each. Test sends have a mailing of any status; an index has the few open ones.
 */
const FIND = `
  with g as materialized (
    select id, status, starts_at, ends_at, launch_completed_at, replan_cursor, open, clock_timestamp() as now from mailing
    where status in ('SCHEDULED', 'RUNNING', 'PAUSED') and deleted_at is null or status = 'CANCELLED' and open > 0
  )
  select id as "mailingId", 'mailing.launch' as job from g
  where status = 'SCHEDULED' and starts_at <= now or status in ('RUNNING', 'PAUSED') and launch_completed_at is null
  union all
  select id, 'mailing.replan' from g where status in ('RUNNING', 'PAUSED') and replan_cursor is not null
  union all
  select id, 'mailing.finish' from g where status = 'CANCELLED' or status in ('RUNNING', 'PAUSED') and ends_at <= now
  union all
  select id, 'mailing.dispatch' from g
  where status = 'RUNNING' and ends_at > now and ${SENDING_ALLOWED} and exists (
    select from message m where m.mailing_id = g.id and m.status = 'OPEN' and m.kind = 'CAMPAIGN' and m.due_at <= g.now
      and (m.lease_until is null or m.lease_until <= g.now)
    order by m.due_at offset 0)
  union all
  select distinct m.mailing_id, 'mailing.test' from message m
  where m.status = 'OPEN' and m.kind = 'TEST' and m.due_at <= clock_timestamp()
    and (m.lease_until is null or m.lease_until <= clock_timestamp())`;

/** @returns the mailings with work that is due, by the database's clock */
export async function findDueWork(pool: pg.Pool): Promise<DueWork[]> {
  const { rows } = await pool.query<DueWork>({ name: 'find-due-work', text: FIND });
  return rows;
}

/**
 * Drops change rows older than a day, the oldest first. A cursor that points to them gets a snapshot instead.
 *
 * @returns how many
 */
export async function dropOldChanges(pool: pg.Pool): Promise<number> {
  return await dropRows(pool, 'mailing_change', `at < clock_timestamp() - interval '1 day'`);
}
