import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { beforeAll, expect, onTestFinished, test } from 'vitest';
import { behave } from './simulator/simulator-client.js';
import { type SpawnedSimulator, spawnSimulator } from './simulator/spawn-simulator.js';
import { builtFile } from './testing/built.js';
import { type ChildProgram, startChild } from './testing/child-program.js';
import { PROGRAM_TOKEN, startProgram, urlOf } from './testing/program.js';
import { insertClients } from './testing/rows.js';
import { createTestDatabase, type TestDatabase } from './testing/test-database.js';

const PHONE = '79160001122';
const TEXT = 'canary-words-of-the-text';

let cli: string;
beforeAll(async () => {
  cli = await builtFile('src/cli.ts');
}, 120_000);

interface Stage {
  dir: string;
  database: TestDatabase;
  simulator: SpawnedSimulator;
  start(env?: Record<string, string>): Promise<ChildProgram>;
}

async function setStage(): Promise<Stage> {
  const dir = mkdtempSync(join(tmpdir(), 'heliograph-app-log-'));
  const database = await createTestDatabase();
  const simulator = await spawnSimulator({ dir });
  const programs: ChildProgram[] = [];
  onTestFinished(async () => {
    for (const program of programs) program.kill('SIGKILL');
    await Promise.all(programs.map(({ ended }) => ended));
    await simulator.close();
    await database.dropOnceLeft();
    rmSync(dir, { recursive: true });
  });
  return {
    dir,
    database,
    simulator,
    async start(env = {}) {
      const options = { role: 'all', databaseUrl: database.url, dir, gatewayUrl: simulator.url, env } as const;
      programs.push(await startProgram(options));
      return programs.at(-1)!;
    },
  };
}

async function ask(url: string, query: string, variables: object, requestId?: string): Promise<Response> {
  return await fetch(`${url}/graphql`, {
    method: 'POST',
    headers: {
      'content-type': 'application/json',
      authorization: `Bearer ${PROGRAM_TOKEN}`,
      ...(requestId && { 'x-request-id': requestId }),
    },
    body: JSON.stringify({ query, variables }),
  });
}

const CREATE = `mutation Begin($input: MailingInput!) { mailingCreate(input: $input) { mailing { id } userErrors { message } } }`;
const mailing = () => ({
  input: {
    name: 'log',
    text: TEXT,
    startsAt: new Date(Date.now() - 60_000).toISOString(),
    endsAt: new Date(Date.now() + 3_600_000).toISOString(),
  },
});

type Line = Record<string, unknown>;
/** What `grep` finds in the file. */
const grep = (dir: string, needle: string): Line[] =>
  readFileSync(join(dir, 'app.log'), 'utf8')
    .split('\n')
    .filter((line) => line.includes(needle))
    .map((line) => JSON.parse(line) as Line);
const named = (lines: Line[], msg: string) => lines.filter((line) => line['msg'] === msg);

test('CLASSIC rows 21 and 24: one grep finds everything of a message, a mailing, a client and a request, and nothing of a phone', async () => {
  const { dir, database, simulator, start } = await setStage();
  const [clientId] = await insertClients(database.pool, 1, { phone: PHONE });
  await behave(simulator.controlUrl, { outcomes: [{ outcome: '503' }] });
  const program = await start();
  const url = await urlOf(program);
  const answer = await ask(url, CREATE, mailing(), 'request-that-creates');
  expect(answer.headers.get('x-request-id')).toBe('request-that-creates');
  const { data } = (await answer.json()) as { data: { mailingCreate: { mailing: { id: string } } } };
  const mailingId = data.mailingCreate.mailing.id;
  const ofMailing = () => grep(dir, `"mailing_id":"${mailingId}"`);

  await expect.poll(() => named(ofMailing(), 'gateway answer').length, { timeout: 60_000 }).toBeGreaterThan(0);
  await behave(simulator.controlUrl, { outcomes: [{ outcome: '400' }] });
  const rejected = () => ofMailing().find((line) => line['outcome'] === 'rejected');
  await expect.poll(rejected, { timeout: 60_000 }).toBeDefined();
  const messageId = rejected()!['message_id'] as string;
  await behave(simulator.controlUrl, {});
  // The outcome is written to the database after it was heard.
  const status = async () => (await database.pool.query('select status from message')).rows;
  await expect.poll(status, { timeout: 60_000 }).toEqual([{ status: 'FAILED' }]);
  const again = 'mutation Again($id: ID!) { messageRetry(id: $id) { userErrors { message } } }';
  const retried = await ask(url, again, { id: messageId }, 'request-that-retries');
  expect(await retried.json()).toMatchObject({ data: { messageRetry: { userErrors: [] } } });
  const ofMessage = () => grep(dir, `"message_id":"${messageId}"`);
  await expect
    .poll(() => named(ofMessage(), 'gateway answer').at(-1), { timeout: 60_000 })
    .toMatchObject({ outcome: 'accepted' });

  // What `docker compose logs -f worker` shows, once a second.
  await program.saying(new RegExp(`"mailing_id":"${mailingId}","channel":"gateway".*"accepted":1,"msg":"sent"`));
  // Nothing of this waited for an orderly end.
  program.kill('SIGKILL');
  await program.ended;
  const attempts = named(ofMessage(), 'gateway answer');
  const ids = { mailing_id: mailingId, message_id: messageId, client_id: clientId, channel: 'gateway' };
  expect(attempts.map(({ attempt }) => attempt)).toEqual(attempts.map((_, n) => n + 1));
  expect(attempts[0]).toMatchObject({ ...ids, outcome: 'retry', status: 503, ms: expect.any(Number) });
  expect(attempts.at(-2)).toMatchObject({ ...ids, outcome: 'rejected', status: 400, reason: expect.any(String) });
  expect(attempts.at(-1)).toMatchObject({ ...ids, outcome: 'accepted', status: 200 });
  expect(named(ofMessage(), 'gateway request').map(({ attempt }) => attempt)).toEqual(attempts.map((_, n) => n + 1));
  expect(named(grep(dir, `"client_id":"${clientId}"`), 'gateway answer')).toEqual(attempts);
  expect(named(ofMessage(), 'answered').at(-1)).toMatchObject({
    request_id: 'request-that-retries',
    operation: 'Again',
    fields: ['messageRetry'],
    actor: 'admin',
    outcome: 'done',
    ms: expect.any(Number),
  });
  expect(named(grep(dir, '"request_id":"request-that-creates"'), 'answered')).toEqual([
    expect.objectContaining({ operation: 'Begin', fields: ['mailingCreate'], mailing_id: mailingId, role: 'all' }),
  ]);
  for (const step of ['mailing created', 'launched']) expect(named(ofMailing(), step)).toHaveLength(1);
  const all = readFileSync(join(dir, 'app.log'), 'utf8');
  for (const secret of [PHONE, PHONE.slice(1), TEXT, PROGRAM_TOKEN]) expect(all).not.toContain(secret);

  const found = await run(dir, ['log', '--message', messageId, '--json']);
  const told = JSON.parse(found.said) as Line[];
  expect(told.map(({ msg }) => msg).sort()).toEqual(
    ofMessage()
      .map(({ msg }) => msg)
      .sort(),
  );
  expect(told.map(({ time }) => time)).toEqual(told.map(({ time }) => time).sort());
  const read = await run(dir, ['log', '--request', 'request-that-retries']);
  expect(read.said).toMatch(/^\S+Z debug all\/\d+ +answered +.*message_id=\d+/m);
  const none = await run(dir, ['log', '--client', '999']);
  expect(none.said).toMatch(/^Nothing about it in /);
}, 180_000);

async function run(dir: string, args: string[]): Promise<{ code: number | null; said: string }> {
  const child = startChild(process.execPath, [cli, ...args], { cwd: dir, env: { DATA_DIR: dir } });
  onTestFinished(() => child.kill('SIGKILL'));
  const { code } = await child.ended;
  return { code, said: child.said };
}

test('a log file that can not be written stops nobody: it is said once, and on /readyz', async () => {
  const { dir, database, start } = await setStage();
  await insertClients(database.pool, 3);
  writeFileSync(join(dir, 'file'), '');
  const program = await start({ APP_LOG: join(dir, 'file', 'app.log') });
  const url = await urlOf(program);
  await ask(url, CREATE, mailing());
  const sent = async () => (await database.pool.query('select sent from mailing')).rows;
  await expect.poll(sent, { timeout: 60_000 }).toEqual([{ sent: 3 }]);
  const ready = await (await fetch(`${url}/readyz`)).json();
  expect(ready).toMatchObject({
    status: 'ready',
    log: expect.stringMatching(/^not written to its file since .+Z: ENOTDIR$/),
  });
  program.kill('SIGTERM');
  await program.ended;
  expect(program.said.match(/can not be written to its file/g)).toHaveLength(1);
}, 180_000);
