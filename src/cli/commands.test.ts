import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { insertClients, insertMailing } from '../testing/rows.js';
import { runCli } from '../testing/run-cli.js';
import { createTestDatabase, type TestDatabase } from '../testing/test-database.js';
import { commands } from './commands.js';
import { docsOf } from './print-docs.js';
import { ROOT } from './repository.js';

/** Words of a line as a shell parts them; quotes hold some together. */
const wordsOf = (line: string) => [...line.matchAll(/"([^"]*)"|(\S+)/g)].map(([, quoted, plain]) => quoted ?? plain!);

/** What can only be refused here: the server's own client programs are not on every machine, and the database is not empty. */
const UNABLE: Readonly<Record<string, RegExp>> = {
  'backup heliograph.dump': /pg_dump/,
  'restore heliograph.dump': /not empty/,
};

describe('the examples of the help', () => {
  let database: TestDatabase;
  let folder: string;
  let home: string;
  beforeAll(async () => {
    database = await createTestDatabase();
    const { pool } = database;
    await insertClients(pool, 3, { tags: ['vip'] });
    for (let n = 1; n <= 12; n += 1) await insertMailing(pool, { status: 'COMPLETED' });
    await pool.query(`insert into user_account (email, name, role) values ('boss@example.org', 'Boss', 'admin')`);
    await pool.query(
      `insert into api_token (id, name, hash, prefix, scopes, created_by) values (7, 'old', 'x', 'hg_x', '{mailings:read}', 'cli')`,
    );
    folder = mkdtempSync(join(tmpdir(), 'heliograph-examples-'));
    writeFileSync(join(folder, 'clients.csv'), 'phone,time_zone\n79001112233,Europe/Moscow\n');
    writeFileSync(join(folder, 'people.csv'), 'Mobile,Notes\n79001112244,x\n');
    home = process.cwd();
    process.chdir(folder);
  });
  afterAll(async () => {
    process.chdir(home);
    await database?.drop();
    rmSync(folder, { recursive: true });
  });

  /** What a line needs that the one before it left otherwise. */
  const READY: Readonly<Record<string, string>> = {
    'mailing start 12': `update mailing set status = 'SCHEDULED' where id = 12`,
    'mailing pause 12': `update mailing set status = 'RUNNING' where id = 12`,
    'mailing resume 12': `update mailing set status = 'PAUSED' where id = 12`,
    'mailing cancel 12': `update mailing set status = 'RUNNING' where id = 12`,
  };
  beforeEach(() => database.pool.query(`update mailing set status = 'COMPLETED' where id = 12`));

  // What makes ten thousand clients comes last: nobody else has to read or write them all.
  const last = ['seed'];
  const inOrder = [...commands].sort((a, b) => last.indexOf(a.name) - last.indexOf(b.name));
  it.each(inOrder.flatMap(({ name, examples }) => examples.map(({ line }) => [line, name] as const)))(
    '%s',
    async (line, name) => {
      expect(wordsOf(line).slice(0, name.split(' ').length).join(' ')).toBe(name);
      await database.pool.query(READY[line] ?? 'select 1');
      const env = { DATABASE_URL: database.url, DATA_DIR: folder, CHANNEL: 'console', PORT: '0' };
      const { code, out, err } = await runCli(wordsOf(line), { env, folder });
      if (line in UNABLE && code !== 0) return expect(err).toMatch(UNABLE[line]!);
      expect({ code, err: code === 0 ? '' : err }).toEqual({ code: 0, err: '' });
      if (line.includes('--json') && !line.includes('watch')) JSON.parse(out);
    },
    30_000,
  );
});

describe('the table of commands', () => {
  it('has an example of each, names none twice, and tells of each in one line of the same form', () => {
    const names = commands.map(({ name }) => name);
    expect(new Set(names).size).toBe(names.length);
    for (const { name, does, examples, more } of commands) {
      expect(name).toMatch(/^[a-z]+(-[a-z]+)*( [a-z]+)?$/);
      expect(does).toMatch(/^[a-z][^\n]*[^.\s]$/);
      expect(more ?? 'A.').toMatch(/[.`)]$/);
      expect(examples.length).toBeGreaterThan(0);
    }
  });

  it('is what docs/cli.md tells of: npm run cli -- print-docs --write', () => {
    expect(readFileSync(join(ROOT, 'docs/cli.md'), 'utf8')).toBe(docsOf(commands));
  });

  it('is told by help, command by command, and by the option --help', async () => {
    const { code, out } = await runCli(['help']);
    expect(code).toBe(0);
    for (const { name, does } of commands) {
      const [line = ''] = out.split('\n').filter((each) => each.startsWith(`  ${name} `));
      expect(line.endsWith(`  ${does}`)).toBe(true);
    }
    const told = await runCli(['help', 'mailing', 'pause']);
    expect(told).toMatchObject({ code: 0, err: '' });
    expect(told.out).toMatch(/^Usage: npm run cli -- mailing pause <id> \[--revision <n>\] \[--json\]\n/);
    expect(told.out).toContain('Example:\n  npm run cli -- mailing pause 12\n');
    expect(await runCli(['mailing', 'pause', '--help'])).toEqual(told);
    const group = await runCli(['help', 'mailing']);
    expect(group.out).toContain('mailing watch');
    expect(group.out).not.toContain('migrate');
  });

  it('refuses what a command does not take, and says what it takes', async () => {
    const usage = 'Usage: npm run cli -- mailing pause <id> [--revision <n>] [--json]\n';
    expect(await runCli(['mailing', 'pause'])).toEqual({ code: 2, out: '', err: usage });
    expect(await runCli(['mailing', 'pause', '1', '2'])).toEqual({ code: 2, out: '', err: usage });
    expect(await runCli(['mailing', 'pause', '1', '--force'])).toEqual({ code: 2, out: '', err: usage });
    expect((await runCli(['user', 'role', '1', 'boss'])).err).toMatch(
      /^<role> must be one of viewer, operator, admin\./,
    );
    expect((await runCli(['import', 'x', '--encoding', 'y'])).err).toMatch(/^--encoding must be one of auto, utf-8/);
    expect((await runCli(['mailing'])).err).toContain('mailing watch');
    expect(await runCli(['mailing', 'explode'])).toMatchObject({ code: 2 });
  });
});
