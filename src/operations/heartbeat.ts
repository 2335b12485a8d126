import { randomBytes } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { findPackageJSON } from 'node:module';
import { hostname } from 'node:os';
import type pg from 'pg';
import { dropRows } from '../platform/drop-rows.js';
import type { Logger } from '../platform/log.js';
import { ProgramProcess } from './program-process.js';

/** How often a process says that it is alive, ms. */
const BEAT_MS = 5_000;
/** One that said nothing for so long is silent… */
const SILENT_AFTER = '20 seconds';
/** …and is shown as such for so long. */
const FORGOTTEN_AFTER = '10 minutes';
/** Processes shown at the most. */
export const MOST_PROCESSES = 100;

/** The version of Heliograph, as package.json has it. */
export const VERSION: string = JSON.parse(readFileSync(findPackageJSON(import.meta.url)!, 'utf8')).version;

/**
 * Says from now on, every few seconds, that this process is alive. Nothing waits for it and nothing depends on it: what can't be
 * written is written the next time.
 *
 * @returns what ends that, and takes the row away
 */
export function startHeartbeat({ pool, role, log }: { pool: pg.Pool; role: string; log: Logger }): () => Promise<void> {
  const id = randomBytes(6).toString('hex');
  const values = [id, role, `${hostname()}/${process.pid}`, VERSION, process.version];
  const write = (text: string, given: unknown[]) =>
    pool.query(text, given).catch((error: unknown) => {
      log.debug({ err: error }, 'that this process is alive could not be written down');
    });
  let beating: Promise<unknown> | undefined;
  const beat = () => {
    // While the database is away they must not queue up, to be written all at once when it is back.
    beating ??= write(
      `insert into program_process (id, role, host, version, node_version) values ($1, $2, $3, $4, $5)
       on conflict (id) do update set seen_at = clock_timestamp()`,
      values,
    ).finally(() => {
      beating = undefined;
    });
  };
  beat();
  const timer = setInterval(beat, BEAT_MS);
  return async () => {
    clearInterval(timer);
    await beating;
    await write('delete from program_process where id = $1', [id]);
  };
}

/** How many processes there are, by role: a row for each role and state, none of them left out. */
export async function countProcesses(pool: pg.Pool): Promise<{ role: string; state: string; count: number }[]> {
  const { rows } = await pool.query(
    `select r.role, s.state, count(p.id)::int as count
     from unnest(array['all', 'api', 'worker']) r(role) cross join unnest(array['alive', 'silent']) s(state)
     left join program_process p on p.role = r.role and p.seen_at > clock_timestamp() - interval '${FORGOTTEN_AFTER}'
       and (p.seen_at < clock_timestamp() - interval '${SILENT_AFTER}') = (s.state = 'silent')
     group by r.role, s.state`,
  );
  return rows;
}

/** Drops the rows of processes that are not shown any more: one that was killed takes none away itself. @returns how many */
export async function dropOldProcesses(pool: pg.Pool): Promise<number> {
  return await dropRows(pool, 'program_process', `seen_at < clock_timestamp() - interval '${FORGOTTEN_AFTER}'`);
}

/**
 * The processes that are alive, and those that fell silent lately, the newest first. The silent ones come last: one that crashes
 * at each start has a row for each, and must not hide those that work.
 */
export async function listProcesses(pool: pg.Pool): Promise<ProgramProcess[]> {
  const { rows } = await pool.query<ProgramProcess>(
    `select id, role, host, version, node_version as "nodeVersion", started_at as "startedAt", seen_at as "seenAt",
       seen_at < clock_timestamp() - interval '${SILENT_AFTER}' as silent
     from program_process where seen_at > clock_timestamp() - interval '${FORGOTTEN_AFTER}'
     order by silent, started_at desc limit ${MOST_PROCESSES}`,
  );
  return rows.map((row) => Object.assign(new ProgramProcess(), row));
}
