import { copyFile, mkdir, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeAll, beforeEach, describe, expect, it, onTestFinished } from 'vitest';
import { hashSecret } from './access/secret.js';
import { noteRunning } from './embedded/running-file.js';
import { builtFile } from './testing/built.js';
import { startChild } from './testing/child-program.js';
import { makeSoundRun } from './testing/sound-run.js';
import { createTestDatabase, type TestDatabase } from './testing/test-database.js';

let program: string;
let dataDir: string;
beforeAll(async () => {
  program = await builtFile('src/cli.ts');
}, 120_000);
beforeEach(async () => {
  dataDir = await mkdtemp(join(tmpdir(), 'heliograph-cli-'));
});
afterEach(() => rm(dataDir, { recursive: true }));

/** Runs a command to its end. */
async function cli(args: string[], env: Record<string, string> = {}): Promise<{ code: number | null; said: string }> {
  const child = startChild(process.execPath, [program, ...args], { cwd: dataDir, env: { DATA_DIR: dataDir, ...env } });
  onTestFinished(() => child.kill('SIGKILL'));
  const { code } = await child.ended;
  return { code, said: child.said };
}

describe('the command line on a database of its own', () => {
  let database: TestDatabase;
  beforeEach(async () => {
    database = await createTestDatabase();
  });
  afterEach(() => database.drop());

  /** A sound run in the database, and its ledger where the program would have kept it. */
  async function soundRun(): Promise<void> {
    const run = await makeSoundRun(database.pool);
    await mkdir(join(dataDir, 'simulator'));
    await copyFile(run.ledgerFile(), join(dataDir, 'simulator/ledger.jsonl'));
    run.remove();
  }

  it('verify --ledger: says what it counted, and 0 when all holds', async () => {
    await soundRun();
    const { code, said } = await cli(['verify', '--ledger'], { DATABASE_URL: database.url });
    expect(said).toContain('2  SENT messages 16, each accepted by the gateway: holds\n');
    expect(said).toMatch(/All \d+ checks hold\.\n$/);
    expect(code).toBe(0);
  });

  it('verify: says what is broken, for whom, and 1', async () => {
    await soundRun();
    await database.pool.query('update message set uncertain = true where id in (8, 9)');
    const { code, said } = await cli(['verify'], { DATABASE_URL: database.url });
    expect(said).toContain('with an attempt of unknown outcome: BROKEN for 2: 8, 9\n');
    expect(said).toMatch(/BROKEN: 1 of 5 checks\.\n$/);
    expect(code).toBe(1);
  });

  it('verify: finds the database of the program that runs on the data folder', async () => {
    await soundRun();
    noteRunning(dataDir, {
      pid: process.pid,
      startedAt: new Date().toISOString(),
      state: 'running',
      url: null,
      databaseUrl: database.url,
      databasePasswordFile: null,
      simulatorDir: join(dataDir, 'simulator'),
    });
    expect(await cli(['verify', '--ledger'])).toMatchObject({
      code: 0,
      said: expect.stringContaining('SENT messages 16'),
    });
  });

  it('stop and resume: turn the switch, say how it stands, and change nothing when done again', async () => {
    const env = { DATABASE_URL: database.url };
    expect(await cli(['stop', '--reason', ''], env)).toMatchObject({ code: 2 });
    const stopped = await cli(['stop', '--reason', 'a wrong text'], env);
    expect(stopped).toEqual({
      code: 0,
      said: expect.stringMatching(/^All sending is stopped .* by cli: a wrong text\./),
    });
    expect(await cli(['stop'], env)).toEqual({ code: 0, said: `Nothing new: ${stopped.said}` });
    expect(await cli(['resume'], env)).toEqual({ code: 0, said: 'All sending goes on.\n' });
    expect(await cli(['resume'], env)).toEqual({ code: 0, said: 'Nothing was stopped.\n' });
    const { rows } = await database.pool.query('select stopped_by, resumed_by from sending_stop');
    expect(rows).toEqual([{ stopped_by: 'cli', resumed_by: 'cli' }]);
  });

  it('verify: 2 and one line when it can not check', async () => {
    const env = { DATABASE_URL: database.url };
    expect(await cli(['verify', '--ledger'], env)).toEqual({
      code: 2,
      said: expect.stringMatching(/^There is no ledger at \S+: only the simulator writes one\. .*\n$/),
    });
    expect(await cli(['verify'])).toEqual({ code: 2, said: expect.stringMatching(/^There is no database in .*\n$/) });
    await database.pool.query('drop table mailing_event, message cascade');
    expect(await cli(['verify'], env)).toEqual({
      code: 2,
      said: expect.stringMatching(/^The database has another schema.*\n$/),
    });
    const nobody = { DATABASE_URL: 'postgres://nobody@127.0.0.1:1/nothing' };
    expect(await cli(['verify'], nobody)).toEqual({
      code: 2,
      said: 'DATABASE_URL: no PostgreSQL at 127.0.0.1:1 (connection refused).\n',
    });
    expect(await cli(['verify'], { PORT: 'x' })).toMatchObject({
      code: 2,
      said: expect.stringContaining('PORT must be'),
    });
  });

  it('link: says that nobody answers to the link while nothing runs on the data folder', async () => {
    const env = { DATABASE_URL: database.url };
    const idle = await cli(['link'], env);
    expect(idle.code).toBe(0);
    expect(idle.said).toMatch(/^http:\S+\/enter\/\S+$/m);
    expect(idle.said).toContain('Nothing runs on this data folder: npm start first. The link holds for one hour.\n');
    noteRunning(dataDir, {
      pid: process.pid,
      startedAt: new Date().toISOString(),
      state: 'running',
      url: 'http://127.0.0.1:4321',
      databaseUrl: database.url,
      databasePasswordFile: null,
      simulatorDir: null,
    });
    expect((await cli(['link'], env)).said).toMatch(/^http:\/\/127\.0\.0\.1:4321\/enter\/\S+\n$/);
    const { rows } = await database.pool.query('select actor, action, outcome from audit_event');
    expect(rows).toEqual(Array(2).fill({ actor: 'cli', action: 'linkCreate', outcome: 'DONE' }));
  });

  it('link --for: makes a link that sets the password of the user with this e-mail', async () => {
    const env = { DATABASE_URL: database.url, PUBLIC_URL: 'https://mail.example' };
    await database.pool.query(`insert into user_account (email, name, role) values ('a@b.c', 'A', 'viewer')`);
    const { code, said } = await cli(['link', '--for', 'A@B.c'], env);
    expect(code).toBe(0);
    const secret = /^https:\/\/mail\.example\/reset-password#([\w-]{43})\.a%40b\.c$/m.exec(said)?.[1] ?? '';
    const { rows } = await database.pool.query('select kind from session where secret_hash = $1', [hashSecret(secret)]);
    expect(rows).toEqual([{ kind: 'PASSWORD' }]);
    const logged = await database.pool.query(`select actor, action from audit_event where subject_id is not null`);
    expect(logged.rows).toEqual([{ actor: 'cli', action: 'userLink' }]);
    expect(await cli(['link', '--for', 'nobody@b.c'], env)).toEqual({
      code: 1,
      said: 'Nobody has an account by the e-mail nobody@b.c, or it is disabled.\n',
    });
  });

  it('names its commands when it is given none, or one that it does not have', async () => {
    expect(await cli([])).toMatchObject({ code: 2, said: expect.stringContaining('recount everything') });
    expect(await cli(['help'])).toMatchObject({ code: 0, said: expect.stringContaining('print-schema') });
    expect(await cli(['toString'])).toMatchObject({ code: 2, said: expect.stringContaining('no command "toString"') });
    expect(await cli(['verify', '--leger'])).toMatchObject({
      code: 2,
      said: 'Usage: npm run cli -- verify [--ledger]\n',
    });
  });
});

it('seed, then verify: with nothing but a data folder, each starts the embedded database for its own time', async () => {
  expect(await cli(['seed'])).toEqual({ code: 0, said: '10,000 example clients are there.\n' });
  expect(await cli(['migrate'])).toEqual({ code: 0, said: 'The database is up to date.\n' });
  const { code, said } = await cli(['verify']);
  expect(said).toMatch(/All 5 checks hold/);
  expect(code).toBe(0);
}, 60_000);

it('print-schema: prints what is in schema.graphql', async () => {
  expect(await cli(['print-schema'])).toMatchObject({ code: 0, said: expect.stringContaining('type Mailing {') });
  expect(await cli(['print-schema', '--check'])).toEqual({ code: 0, said: '' });
});
