import type pg from 'pg';
import type { Config } from '../../config.js';
import { type Finding, hint, ok, warn } from './check.js';

/** A backup that is older is none of today's, h. */
const DAILY = 48;

/** Whether a backup was made lately, as far as that leaves a trace: by our own command, or by an archive of the WAL. */
export async function checkBackup(pool: pg.Pool, { production }: Pick<Config, 'production'>): Promise<Finding> {
  const { rows } = await pool.query<{ hours: number | null; archived: boolean }>(
    `select (select extract(epoch from clock_timestamp() - max(at))::float8 / 3600
         from audit_event where action = 'databaseBackup' and outcome = 'DONE') as hours,
       current_setting('archive_mode') <> 'off' and last_archived_time is not null
         and last_archived_time > coalesce(last_failed_time, '-infinity') as archived
     from pg_stat_archiver`,
  );
  const { hours, archived } = rows[0]!;
  if (archived) return ok('backup', 'The database archives its WAL.');
  const last = hours === null ? null : `\`backup\` was used ${Math.floor(hours)} hours ago`;
  if (hours !== null && hours < DAILY) return ok('backup', `${last}.`);
  // What a managed database or somebody's script does is not seen from here.
  const says = last === null ? 'No backup is known here.' : `${last}; no later backup is known here.`;
  const advice = 'Make one each day, and try it out: docs/backup.md.';
  return production ? warn('backup', says, advice) : hint('backup', says, advice);
}
