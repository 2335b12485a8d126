import { chmodSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { createEmptyDatabase } from '../testing/copy-database.js';
import { insertMailing } from '../testing/rows.js';
import { runCli } from '../testing/run-cli.js';
import { createTestDatabase, type TestDatabase } from '../testing/test-database.js';

let database: TestDatabase;
beforeAll(async () => {
  database = await createTestDatabase();
});
afterEach(() => database.pool.query('truncate audit_event'));
afterAll(() => database.drop());

const cli = (line: string, url = database.url) =>
  runCli(line.split(' '), { env: { DATABASE_URL: url, CHANNEL: 'console' } });

/** What is on record, of the command line. */
async function onRecord({ pool }: Pick<TestDatabase, 'pool'> = database): Promise<unknown[][]> {
  const { rows } = await pool.query(
    `select action, subject_kind, subject_id, details->'fields' as fields, outcome from audit_event
     where actor_id = 'cli' and actor = 'cli' order by id`,
  );
  return rows.map(({ action, subject_kind, subject_id, fields, outcome }) => [
    ...[action, subject_kind, subject_id, fields, outcome],
  ]);
}

describe('what is done to data at the command line is on record', () => {
  it('erase: whose data it was, and no phone', async () => {
    const { rows } = await database.pool.query<{ id: string }>(`
      insert into client (phone, operator_code, time_zone, deleted_at) values ('79161234567', '916', 'UTC', null),
        ('79161234568', '916', 'UTC', now() - interval '99 days'), ('79161234569', '916', 'UTC', now() - interval '98 days')
      returning id`);
    expect((await cli('erase --phone 89161234567')).out).toMatch(/^Erased: 1 clients, /);
    expect(JSON.parse((await cli('erase --deleted-before 90d --json')).out)).toEqual({
      ...{ clients: 2, messages: 0, lines: 0 },
    });
    expect((await cli('erase --phone 5')).code).toBe(2);
    expect(await onRecord()).toEqual([
      ['clientErase', 'client', rows[0]?.id, ['phone'], 'DONE'],
      ['clientErase', 'client', null, ['deletedBefore'], 'DONE'],
    ]);
    expect(
      (await database.pool.query('select from audit_event where audit_event::text like $1', ['%916%'])).rowCount,
    ).toBe(0);
  });

  it('prune, but not what it would do', async () => {
    expect((await cli('prune --older-than 400d --dry-run')).code).toBe(0);
    expect(await onRecord()).toEqual([]);
    expect((await cli('prune --older-than 400d')).code).toBe(0);
    expect(await onRecord()).toEqual([['mailingPrune', 'mailing', null, ['olderThan'], 'DONE']]);
  });

  it('keep, also of a mailing that is not there', async () => {
    const id = await insertMailing(database.pool, { status: 'COMPLETED' });
    expect((await cli(`keep ${id} 30d`)).out).toContain('for 30 days after its end');
    expect(await cli('keep 999999 30d')).toMatchObject({ code: 2, err: 'There is no mailing with this id.\n' });
    expect((await database.pool.query('select keep_days from mailing where id = $1', [id])).rows).toEqual([
      { keep_days: 30 },
    ]);
    expect(await onRecord()).toEqual([
      ['mailingKeep', 'mailing', id, ['id', 'days'], 'DONE'],
      ['mailingKeep', 'mailing', '999999', ['id', 'days'], 'REFUSED'],
    ]);
  });

  it('stop, restored and resume: an old copy is as old as before, for all that the record says', async () => {
    await database.pool.query(`update client set updated_at = now() - interval '1 day'`);
    expect((await cli('stop')).code).toBe(0);
    expect((await cli('resume')).out).toBe('All sending goes on.\n');
    await database.pool.query(`update audit_event set at = now() - interval '1 hour'`);
    const before = await onRecord();
    expect((await cli('restored')).out).toMatch(/^All sending is stopped .* restored from a backup of about /);
    expect((await cli('resume')).code).toBe(2);
    const lostAt = new Date(Date.now() - 60_000).toISOString();
    expect(await cli(`resume --after-restore ${lostAt} --same-ids`)).toMatchObject({ code: 0, err: '' });
    expect(before).toEqual([
      ['sendingStop', 'sending', null, [], 'DONE'],
      ['sendingResume', 'sending', null, [], 'DONE'],
    ]);
    expect((await onRecord()).slice(2)).toEqual([
      ['databaseRestore', 'database', null, [], 'DONE'],
      ['sendingResume', 'sending', null, [], 'REFUSED'],
      ['sendingResume', 'sending', null, ['afterRestore', 'sameIds'], 'DONE'],
    ]);
  });

  it('restore, in the database that was restored', async () => {
    const empty = await createEmptyDatabase();
    // The server's own programs are not on every machine; what one of them would bring, the newest schema, comes by the migrations.
    const folder = mkdtempSync(join(tmpdir(), 'heliograph-programs-'));
    writeFileSync(join(folder, 'pg_restore'), '#!/bin/sh\necho "pg_restore (PostgreSQL) 99.0"\n');
    chmodSync(join(folder, 'pg_restore'), 0o755);
    const path = process.env['PATH'];
    process.env['PATH'] = `${folder}${delimiter}${path}`;
    try {
      expect(await cli('restore heliograph.dump', empty.url)).toMatchObject({ code: 0, err: '' });
    } finally {
      process.env['PATH'] = path;
      rmSync(folder, { recursive: true });
    }
    expect(await onRecord(empty)).toEqual([['databaseRestore', 'database', null, ['file'], 'DONE']]);
    const { rows } = await empty.pool.query('select min(id) > 10000000 as far from audit_event');
    expect(rows).toEqual([{ far: true }]);
  });
});
