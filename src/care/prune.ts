import type pg from 'pg';
import { dropRows } from '../platform/drop-rows.js';
import type { Logger } from '../platform/log.js';
import { Tallies } from '../report/tallies.js';

/** A mailing whose messages are to be removed, or are being removed. */
export interface OldMailing {
  id: string;
  name: string;
  finishedAt: Date;
  /** How many messages it had. */
  total: number;
}

/** What is removed of how old mailings. */
export interface PruneOptions {
  /** Days after a mailing's end; null: only of mailings that have days of their own (`keep_days`). */
  days: number | null;
  log: Pick<Logger, 'info' | 'warn'>;
  /** Told of each mailing before it is begun. */
  onMailing?: (mailing: OldMailing) => void;
  signal?: AbortSignal;
}

/** Over for so long that their messages may go. `$1`: days; a mailing's own win. */
const OLD = `g.status in ('COMPLETED', 'CANCELLED') and g.open = 0
  and g.finished_at < statement_timestamp() - coalesce(g.keep_days, $1::int) * interval '1 day'`;

/** Something is left: a prune that was interrupted goes on with what it had begun. */
const LEFT = `(exists (select from message m where m.mailing_id = g.id)
  or exists (select from message_attempt a where a.mailing_id = g.id) or exists (select from mailing_change c where c.mailing_id = g.id))`;

/**
 * From now on nothing of it is tried again (retry-messages.ts) and its counts are those of the row. Only once its messages are counted
 * for statistics, by the version it has: what is gone can't be counted any more.
 */
const BEGIN = `
  update mailing g set pruned_at = coalesce(pruned_at, clock_timestamp())
  where id = $2 and ${OLD} and not exists (select from message m where m.mailing_id = g.id and m.status = 'OPEN')
    and (g.pruned_at is not null or g.deleted_at is not null or g.total = 0
      or exists (select from mailing_tally t where t.mailing_id = g.id and t.version = g.version))
  returning id`;

/** Mailings that are over and older than that, the oldest first, of which anything is left. */
export async function findOld(pool: pg.Pool, days: number | null): Promise<OldMailing[]> {
  const { rows } = await pool.query<OldMailing>(
    `select id, name, finished_at as "finishedAt", total from mailing g where ${OLD} and ${LEFT} order by finished_at`,
    [days],
  );
  return rows;
}

/** How often one that is not counted yet is looked at again; each look waits for the counting, up to ten seconds. */
const TRIES = 60;

/**
 * Removes the messages of old mailings, with their attempts and changes, a few thousand rows at a time: no lock is held for long, and
 * whatever interrupts it, the next run goes on. The mailing stays, with its counts, its history and its part of all statistics.
 *
 * @returns the mailings that are pruned now
 * @throws what pg throws; what is removed by then stays so
 */
export async function prune(pool: pg.Pool, { days, log, onMailing, signal }: PruneOptions): Promise<OldMailing[]> {
  const tallies = new Tallies(pool, log);
  const done: OldMailing[] = [];
  for (const mailing of await findOld(pool, days)) {
    if (signal?.aborted) break;
    onMailing?.(mailing);
    if (!(await begin(pool, tallies, mailing.id, days))) {
      log.warn({ mailing_id: mailing.id }, 'the messages of an old mailing could not be counted, so they are kept');
      continue;
    }
    for (const table of ['message_attempt', 'mailing_change', 'message']) {
      await dropRows(pool, table, 'mailing_id = $1', [mailing.id]);
    }
    log.info({ mailing_id: mailing.id, messages: mailing.total }, 'the messages of an old mailing were removed');
    done.push(mailing);
  }
  return done;
}

async function begin(pool: pg.Pool, tallies: Tallies, mailingId: string, days: number | null): Promise<boolean> {
  for (let tries = 0; tries < TRIES; tries += 1) {
    const { rowCount } = await pool.query(BEGIN, [days, mailingId]);
    if (rowCount === 1) return true;
    const stillOld = await pool.query(`select from mailing g where ${OLD} and id = $2 and deleted_at is null`, [
      days,
      mailingId,
    ]);
    if (stillOld.rowCount === 0) return false;
    await tallies.refreshOf([mailingId]);
  }
  return false;
}
