import { setTimeout as sleep } from 'node:timers/promises';
import pg from 'pg';
import { expect, onTestFinished, test } from 'vitest';
import type { ChildProgram } from '../testing/child-program.js';
import { PROGRAM_TOKEN, urlOf } from '../testing/program.js';
import { insertClients, insertMailing } from '../testing/rows.js';
import { send } from '../testing/running-api.js';
import { type Stage, setStageOnOwnPostgres } from './stage.js';

const CLIENTS = 1_000;

/** A worker and an API on a Postgres of their own, a mailing under way through a gateway that takes its time. */
async function sending(settings: Record<string, string> = {}) {
  const behaviour = { latency: { minMs: 20, maxMs: 80 } };
  const stage = await setStageOnOwnPostgres({ behaviour, settings });
  await insertClients(stage.pool, CLIENTS);
  await insertMailing(stage.pool);
  const [worker, api] = await Promise.all([stage.start('worker'), stage.start('api')]);
  await sent(stage, 100);
  return { stage, worker, api, url: await urlOf(api) };
}

async function sent(stage: Stage, atLeast: number): Promise<void> {
  const enough = () => stage.count('select coalesce(sum(sent), 0)::int from mailing').catch(() => -1);
  await expect.poll(enough, { timeout: 20_000, interval: 20 }).toBeGreaterThanOrEqual(atLeast);
}

/** What the API says to somebody who asks for a list. */
async function ask(url: string): Promise<{ status: number; code: string | undefined }> {
  const headers = { 'content-type': 'application/json', authorization: `Bearer ${PROGRAM_TOKEN}` };
  const body = JSON.stringify({ query: '{ mailings { totalCount } }' });
  const { status, body: answer, text } = await send(`${url}/graphql`, { method: 'POST', headers, body });
  expect(text).not.toMatch(/127\.0\.0\.1|select |\.[jt]s:\d/);
  return { status, code: answer?.errors?.[0]?.extensions.code };
}

const readiness = async (url: string) => (await send(`${url}/readyz`)).status;

const AWAY = { status: 503, code: 'UNAVAILABLE' };
const BACK = { status: 200, code: undefined };

/** Nothing was told but that the database was away, and everybody is still there. */
async function expectUnharmed(stage: Stage, ...programs: ChildProgram[]): Promise<void> {
  await stage.drained();
  await stage.judge();
  for (const program of programs) {
    expect(program.said).not.toMatch(/"level":"fatal"|unhandled/i);
    program.kill('SIGTERM');
    expect(await program.ended).toEqual({ code: 0, signal: null });
  }
}

test('FAULTS 14: Postgres is killed, hard and harder, and comes back seconds later: nobody exits, the API says 503 meanwhile, and sending goes on by itself', async () => {
  const { stage, worker, api, url } = await sending();
  for (const how of ['immediate', 'SIGKILL'] as const) {
    await stage.postgres.kill(how);
    await expect.poll(() => ask(url)).toEqual(AWAY);
    await expect.poll(() => readiness(url)).toBe(503);
    expect((await send(`${url}/healthz`)).status).toBe(200);
    await sleep(1_000);
    await stage.postgres.start();
    await expect.poll(() => ask(url), { timeout: 10_000 }).toEqual(BACK);
    await expect.poll(() => readiness(url), { timeout: 10_000 }).toBe(200);
  }
  await expectUnharmed(stage, worker, api);
}, 180_000);

test('FAULTS 14: every connection is terminated, again and again: nobody exits, and sending goes on between', async () => {
  const { stage, worker, api, url } = await sending();
  let cut = 0;
  for (let round = 0; round < 8; round += 1) {
    cut += await stage.count(`select count(pg_terminate_backend(pid))::int from pg_stat_activity
      where application_name like 'heliograph%' and pid <> pg_backend_pid() and application_name <> 'heliograph test'`);
    await sleep(400);
  }
  expect(cut).toBeGreaterThan(20);
  await expect.poll(() => ask(url), { timeout: 10_000 }).toEqual(BACK);
  await expectUnharmed(stage, worker, api);
}, 120_000);

test('FAULTS 14: all connections are used up by others: nobody exits, the API says 503, and both go on once there is room', async () => {
  const { stage, worker, api, url } = await sending({ max_connections: '40' });
  const strangers: pg.Client[] = [];
  onTestFinished(async () => void (await Promise.all(strangers.map((stranger) => stranger.end()))));
  const takeAll = async () => {
    for (;;) {
      const stranger = new pg.Client({ connectionString: stage.databaseUrl });
      stranger.on('error', () => {});
      try {
        await stranger.connect();
      } catch (error) {
        expect((error as { code: string }).code).toBe('53300');
        return;
      }
      strangers.push(stranger);
    }
  };
  await takeAll();
  // Those that the programs hold are taken from them as well.
  await expect
    .poll(async () => {
      await stage.pool.query(`select pg_terminate_backend(pid) from pg_stat_activity
        where application_name ~ '^heliograph (worker|api|live|all)'`);
      await takeAll();
      return await ask(url);
    })
    .toEqual(AWAY);
  await sleep(1_500);
  await Promise.all(strangers.splice(0).map((stranger) => stranger.end()));
  await expect.poll(() => ask(url), { timeout: 10_000 }).toEqual(BACK);
  await expectUnharmed(stage, worker, api);
}, 120_000);
