import type pg from 'pg';
import { z } from 'zod';
import type { By } from '../access/actor.js';
import { AppError } from '../errors.js';
import { cleanLine, parseInput } from '../graphql/parse-input.js';
import { ringLanes } from '../mailing/lanes.js';
import type { Logger } from '../platform/log.js';
import type { Scheduler } from '../scheduler/scheduler.js';
import { AWAITS_WORD } from './restored.js';
import { SendingStop } from './sending-stop.js';

const COLUMNS = `id, stopped_at as "stoppedAt", stopped_by as "stoppedBy", reason,
  resumed_at as "resumedAt", resumed_by as "resumedBy"`;

const RESTORED =
  'The database was restored from a backup, and messages may have gone out since: npm run cli -- resume --after-restore <moment of the loss> (docs/backup.md).';

const given = z.object({ reason: cleanLine(500).nullish() });

/** Why sending is stopped, as a person gave it, on one line. @throws AppError BAD_USER_INPUT on `reason` */
export function checkReason(reason: unknown): string | null {
  return parseInput(given, { reason }).reason ?? null;
}

/** A stop in force in one sentence, as a terminal shows it. */
export function describeStop({ stoppedAt, stoppedBy, reason }: SendingStop): string {
  const why = reason === null ? '' : `: ${reason}`;
  return `All sending is stopped since ${stoppedAt.toISOString()} by ${stoppedBy}${why}.`;
}

/** Whether all sending is stopped, and since when, by whom and why; null: it is not. */
export async function stopInForce(pool: pg.Pool): Promise<SendingStop | null> {
  const { rows } = await pool.query<SendingStop>(`select ${COLUMNS} from sending_stop where resumed_at is null`);
  return rows[0] ? toStop(rows[0]) : null;
}

/** The newest stops first. */
export async function listStops(pool: pg.Pool, first: number): Promise<SendingStop[]> {
  const sql = `select ${COLUMNS} from sending_stop order by id desc limit $1`;
  return (await pool.query<SendingStop>(sql, [first])).rows.map(toStop);
}

/**
 * Stops all sending at once: from the commit on nothing is claimed, and what is under way ends within one time-out. Launches
 * and ends go on: a mailing whose end passes meanwhile expires. Stopping what is stopped keeps the first stop.
 *
 * @returns the stop that is in force now, and whether it is this one
 */
export async function stopSending(
  pool: pg.Pool,
  by: By,
  reason: string | null,
): Promise<{ stop: SendingStop; isNew: boolean }> {
  for (;;) {
    const { rows } = await pool.query<SendingStop>(
      `insert into sending_stop (stopped_by, reason) values ($1, $2)
       on conflict ((true)) where resumed_at is null do nothing returning ${COLUMNS}`,
      [by.name, reason],
    );
    if (rows[0]) return { stop: toStop(rows[0]), isNew: true };
    const stop = await stopInForce(pool);
    // Null: it was lifted between the two statements, and so is not what was asked for.
    if (stop) return { stop, isNew: false };
  }
}

/**
 * Lifts the stop. Workers look at what is due within a second, by the sweep.
 *
 * @returns false: nothing was stopped
 * @throws AppError CONFLICT while nobody has said how to go on after a restore
 */
export async function resumeSending(pool: pg.Pool, by: By): Promise<boolean> {
  const { rowCount } = await pool.query(
    `update sending_stop set resumed_at = clock_timestamp(), resumed_by = $1 where resumed_at is null and not ${AWAITS_WORD}`,
    [by.name],
  );
  if (rowCount === 1) return true;
  const stop = await stopInForce(pool);
  if (stop !== null) throw new AppError('CONFLICT', RESTORED);
  return false;
}

/** Has the workers look at every running mailing at once, rather than when the sweep comes by. */
export async function ringRunning(pool: pg.Pool, scheduler: Pick<Scheduler, 'ring'>): Promise<void> {
  const { rows } = await pool.query<{ id: string }>(
    `select id from mailing where status = 'RUNNING' and open > 0 and deleted_at is null order by id`,
  );
  for (const { id } of rows) await ringLanes(scheduler, id);
}

/** How often a worker says that it sends nothing because all sending is stopped, ms. */
const REMIND_EVERY_MS = 60_000;

/**
 * Writes to the log that all sending is stopped: now, if it is, and once a minute as long as it is.
 *
 * @returns what ends that
 */
export async function remindOfStop(pool: pg.Pool, log: Logger): Promise<() => void> {
  const look = async () => {
    const stop = await stopInForce(pool).catch(() => null);
    if (stop === null) return;
    const { stoppedAt, stoppedBy, reason } = stop;
    log.warn({ stopped_at: stoppedAt, by: stoppedBy, reason }, 'all sending is stopped by hand; nothing is sent');
  };
  await look();
  const timer = setInterval(() => void look(), REMIND_EVERY_MS);
  return () => clearInterval(timer);
}

function toStop(row: SendingStop): SendingStop {
  return Object.assign(new SendingStop(), row);
}
