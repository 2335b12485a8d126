import type pg from 'pg';
import { acting } from './acting.js';
import type { Call } from './call.js';
import type { Command, ExitCode } from './command.js';
import { CLI, withDatabase } from './with-database.js';

export const backupCommand: Command = {
  name: 'backup',
  does: 'write the whole database to a file, by pg_dump, while everything goes on',
  more: 'Needs pg_dump of the version of the server or a newer one. docs/backup.md tells what else there is to keep.',
  args: [{ name: 'file', does: 'where to; pg_dump’s custom format', file: true }],
  examples: [{ line: 'backup heliograph.dump', does: 'back the database up' }],
  async run(call) {
    const { runPostgresTool } = await import('../care/postgres-tool.js');
    const { record } = await import('../access/audit-log.js');
    const { AuditOutcome } = await import('../access/audit-event.js');
    return await withDatabase(call, { make: false }, async (pool, url) => {
      const file = call.args['file']!;
      await runPostgresTool('pg_dump', ['--format=custom', '--no-owner', '--no-privileges', `--file=${file}`], url);
      // By this the doctor knows of it. A database without that table yet can be backed up all the same.
      const act = { action: 'databaseBackup', subjectKind: 'database', subjectId: null, fields: [], ip: null };
      const noted = await record(pool, { actor: CLI, ...act }, AuditOutcome.DONE).catch(() => null);
      if (noted === null) call.complain('It could not be noted in the audit log.');
      call.say(`The database is in ${file}. It holds phones and texts: keep it as you keep the database.`);
      return 0;
    });
  },
};

export const restoreCommand: Command = {
  name: 'restore',
  does: 'read a file of "backup" into an empty database, and stop all sending',
  more: 'Nothing is sent until "resume --after-restore" says how to go on: messages may have gone out since the backup.',
  args: [{ name: 'file', does: 'of "backup", or of pg_dump --format=custom', file: true }],
  examples: [{ line: 'restore heliograph.dump', does: 'restore a backup' }],
  async run(call) {
    const { runPostgresTool } = await import('../care/postgres-tool.js');
    const { migrate } = await import('../platform/migrate.js');
    return await withDatabase(call, { make: true }, async (pool, url) => {
      const { rows } = await pool.query(`select from pg_tables where schemaname = 'public' limit 1`);
      if (rows.length > 0) {
        call.complain('This database is not empty: make a new one, and set DATABASE_URL to it.');
        return 2;
      }
      const args = ['--no-owner', '--no-privileges', '--exit-on-error', '--single-transaction'];
      await runPostgresTool(
        'pg_restore',
        [...args, `--dbname=${new URL(url).pathname.slice(1)}`, call.args['file']!],
        url,
      );
      await migrate(url);
      return await note(call, pool, ['file']);
    });
  },
};

export const restoredCommand: Command = {
  name: 'restored',
  does: 'say that the database was brought back by other means (WAL, a snapshot), and stop all sending',
  more: 'A database that wakes up on another server, or under another number, notices by itself; one that was recovered in place cannot.',
  examples: [{ line: 'restored', does: 'after a recovery in place, before the program is started' }],
  async run(call) {
    return await withDatabase(call, { make: false }, (pool) => note(call, pool, []));
  },
};

async function note(call: Call, pool: pg.Pool, fields: readonly string[]): Promise<ExitCode> {
  const { noticeRestore } = await import('../sending/restored.js');
  const { describeStop, stopInForce } = await import('../sending/sending-switch.js');
  const { record } = await import('../access/audit-log.js');
  const { AuditOutcome } = await import('../access/audit-event.js');
  await noticeRestore(pool, { warn: () => {} }, true);
  // Only now: the newest row tells how old the copy is, and ids of before may have been given out since it was made.
  await record(
    pool,
    { actor: CLI, action: 'databaseRestore', subjectKind: 'database', subjectId: null, fields, ip: null },
    AuditOutcome.DONE,
  );
  call.say(describeStop((await stopInForce(pool))!));
  call.say('Start the program, and then say when the old database took its last write:');
  call.say('  npm run cli -- resume --after-restore <moment>');
  return 0;
}

/** What `resume` does after a restore. */
export async function resumeAfterRestore(call: Call): Promise<ExitCode> {
  const { goOnAfterRestore } = await import('../sending/restored.js');
  const lostAt = new Date(call.values['after-restore'] ?? '');
  if (Number.isNaN(lostAt.getTime())) {
    call.complain('--after-restore takes a moment with its zone: 2026-11-22T03:15:00Z.');
    return 2;
  }
  return await withDatabase(call, { make: false }, async (pool) => {
    const sameIds = call.flags.has('same-ids');
    const act = await acting(pool);
    const fields = ['afterRestore', ...(sameIds ? ['sameIds'] : [])];
    const goOn = () => goOnAfterRestore(pool, { lostAt, sameIds }, CLI);
    const { writtenOff, later } = await act('sendingResume', null, fields, goOn);
    call.say(`All sending goes on. ${writtenOff} messages that may have been sent are UNKNOWN now.`);
    if (later.length > 0) {
      call.say('These mailings start later. Cancel those that somebody started by hand before the loss:');
      for (const { id, name } of later) call.say(`  ${id}  ${name}`);
    }
    return 0;
  });
}
