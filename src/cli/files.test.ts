import { execFileSync } from 'node:child_process';
import {
  lstatSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { readFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { beginLaunch, launchChunk } from '../sending/launch.js';
import { insertClients, insertMailing } from '../testing/rows.js';
import { runCli } from '../testing/run-cli.js';
import { createTestDatabase, type TestDatabase } from '../testing/test-database.js';

let database: TestDatabase;
let folder: string;
beforeEach(async () => {
  database = await createTestDatabase();
  folder = mkdtempSync(join(tmpdir(), 'heliograph-cli-files-'));
});
afterEach(async () => {
  await database.drop();
  rmSync(folder, { recursive: true });
});

const cli = (words: string[], o = {}) =>
  runCli(words, { env: { DATABASE_URL: database.url, CHANNEL: 'console' }, folder, ...o });
const inFolder = (name: string) => join(folder, name);
const countClients = async () => (await database.pool.query('select count(*)::int as n from client')).rows[0].n;

describe('import', () => {
  const FILE = 'Mobile,City,Notes\n79001112233,Tver,a\n12,Omsk,b\n79001112244,Perm,c\n';
  const MAPPED = ['--map', 'Mobile:phone', '--map', 'Notes:-', '--time-zone', 'Europe/Moscow'];

  it('brings in what a mapping says, writes down what was left out, and says so by its exit code', async () => {
    writeFileSync(inFolder('people.csv'), FILE);
    const run = await cli([
      'import',
      inFolder('people.csv'),
      ...MAPPED,
      '--rejects',
      inFolder('rejects.csv'),
      '--json',
    ]);
    expect(run.code).toBe(1);
    const job = JSON.parse(run.out);
    expect(job).toMatchObject({
      total: 3,
      created: 2,
      failed: 1,
      dryRun: false,
      status: 'COMPLETED',
      createdBy: 'cli',
    });
    expect(readFileSync(inFolder('rejects.csv'), 'utf8')).toMatch(
      /^Mobile,City,Notes,import_line,import_error\r\n12,Omsk,b,3,.*phone.*\r\n$/i,
    );
    const { rows } = await database.pool.query('select phone, attributes from client order by phone');
    expect(rows).toEqual([
      { phone: '79001112233', attributes: { City: 'Tver' } },
      { phone: '79001112244', attributes: { City: 'Perm' } },
    ]);
    const audit = await database.pool.query(
      'select actor, action, subject_kind, subject_id, details, outcome from audit_event',
    );
    expect(audit.rows).toEqual([
      {
        ...{ actor: 'cli', action: 'clientsImport', subject_kind: 'clientJob', subject_id: job.id, outcome: 'DONE' },
        details: { fields: ['timeZone', 'map'] },
      },
    ]);
  });

  it('only counts in a dry run, also what comes by a pipe', async () => {
    const run = await cli(['import', '-', ...MAPPED, '--dry-run'], { stdin: FILE });
    expect(run).toMatchObject({ code: 1, err: 'Say --rejects <file> to see what was left out.\n' });
    expect(run.out).toMatch(
      /^3 lines: 2 clients would be added, 0 would be changed, .* 1 left out\.\nNothing was written/,
    );
    expect(await countClients()).toBe(0);
  });

  it('shows how far it is on a terminal', async () => {
    writeFileSync(inFolder('people.csv'), FILE);
    const run = await cli(['import', inFolder('people.csv'), ...MAPPED], { terminal: true });
    expect(run.err).toMatch(/import .* 100 % {2}2 added, 0 changed/);
  });

  it('brings nothing in when it is stopped while the file is read, and refuses a file that is none', async () => {
    writeFileSync(inFolder('people.csv'), FILE);
    const stopped = await cli(['import', inFolder('people.csv'), ...MAPPED], { stop: AbortSignal.abort() });
    expect(stopped).toEqual({ code: 1, out: '', err: 'Stopped.\n' });
    expect(await countClients()).toBe(0);
    expect(await cli(['import', inFolder('none.csv')])).toMatchObject({
      code: 2,
      err: expect.stringContaining('ENOENT'),
    });
    expect(await cli(['import', inFolder('people.csv')])).toMatchObject({
      code: 2,
      err: 'The file has no column "phone": name the one that is it (map). Or it has no line with the names of its columns.\n',
    });
  });
});

describe('export', () => {
  it('clients: writes a file that an import takes again, and JSON with the same names', async () => {
    await insertClients(database.pool, 1_200, { tags: ['vip'], attributes: { city: 'Tver' } });
    const out = inFolder('clients.csv');
    expect(await cli(['export', 'clients', '--out', out])).toEqual({ code: 0, out: '', err: '' });
    expect(readFileSync(out, 'utf8').split('\r\n')).toHaveLength(1_202);
    expect(statSync(out).mode & 0o777).toBe(0o600);
    const again = JSON.parse((await cli(['import', out, '--json'])).out);
    expect(again).toMatchObject({ total: 1_200, unchanged: 1_200, created: 0, updated: 0, failed: 0 });
    const all = JSON.parse((await cli(['export', 'clients', '--json', '--mask'])).out);
    expect(all).toHaveLength(1_200);
    expect(all[0]).toMatchObject({ tags: 'vip', city: 'Tver', time_zone: 'Europe/Moscow' });
    expect(all[0].phone).toMatch(/\*/);
    expect((await cli(['export', 'clients', '--tags', 'none', '--json'])).out).toBe('[]\n');
  });

  it('messages: writes those of a mailing that have a status', async () => {
    const { pool } = database;
    await insertClients(pool, 3);
    const mailing = await insertMailing(pool);
    await beginLaunch(pool, mailing);
    await launchChunk(pool, mailing, () => 1_000);
    await pool.query(`update message set status = 'FAILED', reason = 'no' where id = (select min(id) from message)`);
    const failed = JSON.parse((await cli(['export', 'messages', mailing, '--status', 'FAILED', '--json'])).out);
    expect(failed).toEqual([expect.objectContaining({ status: 'FAILED', reason: 'no', phone: '79000000000' })]);
    expect((await cli(['export', 'messages', mailing])).out.trim().split('\r\n')).toHaveLength(4);
    expect(await cli(['export', 'messages', '99'])).toMatchObject({
      code: 2,
      err: 'There is no mailing with this id.\n',
    });
  });

  it('leaves the file as it was where it can not be written whole', async () => {
    const out = inFolder('clients.csv');
    writeFileSync(out, 'before');
    await insertClients(database.pool, 10);
    expect(await cli(['export', 'clients', '--out', out], { stop: AbortSignal.abort() })).toMatchObject({ code: 1 });
    expect(readFileSync(out, 'utf8')).toBe('before');
    expect(readdirSync(folder).filter((name) => name.endsWith('.part'))).toEqual([]);
  });

  it('writes into what is no file instead of putting one in its place, as /dev/null or a pipe with a name', async () => {
    await insertClients(database.pool, 3);
    const pipe = inFolder('pipe');
    execFileSync('mkfifo', [pipe]);
    const read = readFile(pipe, 'utf8');
    expect(await cli(['export', 'clients', '--out', pipe])).toEqual({ code: 0, out: '', err: '' });
    expect(lstatSync(pipe).isFIFO()).toBe(true);
    expect((await read).trim().split('\r\n')).toHaveLength(4);
  });

  it('leaves a link what it is, and what others put beside the file as it was', async () => {
    await insertClients(database.pool, 3);
    const [out, link, theirs] = [inFolder('clients.csv'), inFolder('link.csv'), inFolder('theirs')];
    writeFileSync(out, 'before');
    symlinkSync(out, link);
    writeFileSync(theirs, 'theirs', { mode: 0o644 });
    // Where others may write, one may lie in wait for the phones.
    for (const file of [out, link]) symlinkSync(theirs, `${file}.part`);
    expect(await cli(['export', 'clients', '--out', link])).toMatchObject({ code: 0 });
    expect(lstatSync(link).isSymbolicLink()).toBe(true);
    expect(readFileSync(theirs, 'utf8')).toBe('theirs');
    expect(readFileSync(out, 'utf8').trim().split('\r\n')).toHaveLength(4);
    expect(statSync(out).mode & 0o777).toBe(0o600);
  });

  it('statistics: writes the numbers by what they are told apart by', async () => {
    const { pool } = database;
    await insertMailing(pool, { status: 'RUNNING' });
    expect((await cli(['export', 'statistics', '--by', 'status'])).out).toMatch(
      /^key,name,total,open,sent,failed,expired,cancelled,unknown\r\n/,
    );
    expect((await cli(['export', 'statistics', '--time-zone', 'Nowhere/Land'])).code).toBe(2);
  });
});
