import type pg from 'pg';
import { publishChanges } from '../message/publish-changes.js';
import { NO_ZONE, nextWindow, OUT_OF_REACH, windowsOf } from '../message/windows.js';
import { inTransaction } from '../platform/transaction.js';

/** Messages looked at in one transaction: 0.3 to 0.5 s on two busy cores (ADR 0012). */
const REPLAN_CHUNK = 10_000;

const TIMEOUT = `$4 * interval '1 ms'`;

/**
 * The next messages after the cursor get their times by the mailing's end and window as they are now: open ones of an older
 * plan, open ones whose window closed, and, when the plan is newer, those that had expired and fit again. Who can't be
 * reached any more before the end is over now; one that had expired and stays so has been looked at by this plan, and no later
 * look brings it back without an edit. One that waits for its next attempt waits as long as before, at least. What
 * a worker has in hand, or lost, is left to its record and the next claim, which plan by the same rules.
 *
 * Who may go at once keeps its place in the queue, and the index of due messages its row.
 */
const REPLAN = `
  with g as materialized (
    select *, clock_timestamp() as now from mailing where id = $1
  ), walked as materialized (
    select id, time_zone from message where mailing_id = $1 and id > $2 order by id limit $5
  ), reach as materialized (select count(*) < $5 as is_end, max(id) as last from walked
  ), ${windowsOf('walked', TIMEOUT)}, l as materialized (
    select m.id, m.status as old, m.due_at, m.uncertain, m.time_zone, w.opens_at, w.closes_at, w.born, o.own,
      o.own is not null and coalesce(o.own + ${TIMEOUT} >= w.closes_at, true) as apart
    from g, message m join windows w using (time_zone), lateral (
      select case when m.status = 'OPEN' and m.waiting_for = 'RETRY' and m.due_at > g.now then m.due_at end as own) o
    where m.mailing_id = $1 and m.id > $2 and m.id <= (select last from reach) and m.kind = 'CAMPAIGN'
      and (m.status = 'OPEN' and m.lease_until is null and (m.plan <> $3 or m.window_ends_at <= g.now + ${TIMEOUT})
        or m.status = 'EXPIRED' and m.plan <> $3)
    order by m.id
    for update of m
  ), p as materialized (
    select l.*, case when apart then n.opens_at else greatest(l.opens_at, own) end as opens,
      case when apart then least(n.closes_at, g.ends_at) else l.closes_at end as closes
    from l cross join g left join lateral ${nextWindow('case when apart then own end', 'l.time_zone', TIMEOUT)} n on true
  ), r as materialized (
    select p.id, old, own, closes, born, g.now, due_at as old_due,
      case when old = 'OPEN' and opens <= g.now then least(due_at, opens) else opens end as due,
      case when opens + ${TIMEOUT} < g.ends_at then 'OPEN' when old = 'EXPIRED' then old
        when uncertain then 'UNKNOWN' when born = 'FAILED' then born else 'EXPIRED' end as new
    from p, g
  ), u as (
    update message m set status = new, plan = $3,
      due_at = case when new = 'OPEN' then due else m.due_at end,
      window_ends_at = case when new = 'OPEN' then closes else m.window_ends_at end,
      waiting_for = case when new <> 'OPEN' or due <= now then null when due = own then 'RETRY' else 'WINDOW' end,
      reason = case
        when old = 'OPEN' and new <> old then concat_ws('; ', m.reason, case when born = 'FAILED' then '${NO_ZONE}' else '${OUT_OF_REACH}' end)
        when old = 'EXPIRED' and new <> old then nullif(regexp_replace(m.reason, '(; )?(${OUT_OF_REACH}|the mailing ended)$', ''), '')
        else m.reason end
    from r where m.mailing_id = $1 and m.id = r.id
  ), changed as (
    select id, old, new, case
      when new <> 'OPEN' then nullif(new, old)
      when old = 'OPEN' and due = old_due then null
      when due > now then 'DELAYED' else 'ENQUEUED' end as shown
    from r
  ), ${publishChanges({
    always: true,
    where: `g.status in ('RUNNING', 'PAUSED') and g.plan = $3 and g.replan_cursor = $2`,
    replanned: '(select is_end from reach)',
    set: 'replan_cursor = case when (select is_end from reach) then null else (select last from reach) end',
    returning: '(select is_end from reach) as completed, (select n from tally) as changed',
  })}`;

/** What replanning a chunk came to. */
export interface ReplannedChunk {
  /** Nothing is left to be planned anew. */
  completed: boolean;
  /** Messages that have new times, or expired, or came back. */
  changed: number;
  version: string;
}

interface ReplanState {
  channel: string;
  plan: number;
  cursor: string;
}

/**
 * Plans the next chunk of a mailing's messages anew, in one statement that counts only if plan and cursor are still what
 * they were; after a newer edit it begins again.
 *
 * @param timeoutMs one attempt's time-out on a channel: a window or an end nearer than that counts as over
 * @returns null when there is nothing (more) to plan anew
 */
export async function replanChunk(
  pool: pg.Pool,
  mailingId: string,
  timeoutMs: (channel: string) => number,
): Promise<ReplannedChunk | null> {
  for (;;) {
    const { rows } = await pool.query<ReplanState>(
      `select channel, plan, replan_cursor as cursor from mailing
       where id = $1 and status in ('RUNNING', 'PAUSED') and replan_cursor is not null`,
      [mailingId],
    );
    const state = rows[0];
    if (!state) return null;
    const params = [mailingId, state.cursor, state.plan, timeoutMs(state.channel), REPLAN_CHUNK];
    const chunk = await inTransaction(pool, async (client) => {
      const { rows } = await client.query<ReplannedChunk>(REPLAN, params);
      return rows[0] ?? null;
    });
    if (chunk) return chunk;
  }
}

/**
 * Asks for a replan of a mailing of which a whole batch came too late: its window has closed over many, and taking each in
 * hand only to put it back would be slow. The sweep rings for it.
 */
export async function askReplan(pool: pg.Pool, mailingId: string): Promise<void> {
  await pool.query(
    `update mailing set replan_cursor = 0 where id = $1 and status in ('RUNNING', 'PAUSED') and replan_cursor is null`,
    [mailingId],
  );
}
