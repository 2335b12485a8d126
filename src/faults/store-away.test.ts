import { randomBytes } from 'node:crypto';
import { expect, onTestFinished, test } from 'vitest';
import { startMongoServer, whyNoMongo, withDatabase } from '../testing/mongo-server.js';
import { PROGRAM_TOKEN, urlOf } from '../testing/program.js';
import { insertClients, insertMailing } from '../testing/rows.js';
import { send } from '../testing/running-api.js';
import { startTcpProxy } from '../testing/tcp-proxy.js';
import { type Stage, setStage } from './stage.js';

const CLIENTS = 200;

/** Long enough for a driver that waits longer after each attempt, on a machine that is busy elsewhere. */
const SOON = { timeout: 60_000 };

/** How the store of the jobs is taken away, and given back. */
interface Store {
  mongoUrl?: string;
  takeAway(): Promise<void>;
  giveBack(): Promise<void>;
}

/** Jobs in PostgreSQL: the table alone is gone, so that everything else of the database works. */
function tableOf({ pool }: Stage): Store {
  return {
    takeAway: async () => void (await pool.query('alter table agenda_jobs rename to agenda_jobs_away')),
    giveBack: async () => void (await pool.query('alter table agenda_jobs_away rename to agenda_jobs')),
  };
}

/** Jobs in MongoDB, behind a line that can be cut. */
async function mongoBehindLine(): Promise<Store> {
  const server = await startMongoServer();
  onTestFinished(() => server.stop());
  const line = await startTcpProxy(server.url);
  onTestFinished(() => line.close());
  const url = new URL(line.through(withDatabase(server.url, `test_${randomBytes(6).toString('hex')}`)));
  // A replica set would else lead the driver around the line.
  url.searchParams.set('directConnection', 'true');
  return { mongoUrl: url.href, takeAway: async () => line.cut(), giveBack: async () => line.mend() };
}

const RED = { status: 503, scheduler: false, database: true };
const GREEN = { status: 200, scheduler: true, database: true, reason: undefined };

async function readiness(url: string) {
  const { status, body } = await send(`${url}/readyz`);
  const { scheduler, database } = body.parts;
  return { status, scheduler, database, reason: body.reasons?.scheduler };
}

async function createMailing(url: string): Promise<string> {
  const endsAt = new Date(Date.now() + 3_600_000).toISOString();
  const query = `mutation { mailingCreate(input: { name: "n", text: "t", endsAt: "${endsAt}" }) { mailing { id } userErrors { message } } }`;
  const headers = { 'content-type': 'application/json', authorization: `Bearer ${PROGRAM_TOKEN}` };
  const { status, body } = await send(`${url}/graphql`, { method: 'POST', headers, body: JSON.stringify({ query }) });
  expect([status, body.errors, body.data?.mailingCreate.userErrors]).toEqual([200, undefined, []]);
  return body.data.mailingCreate.mailing.id;
}

async function outliveTheStore(stage: Stage, store: Store): Promise<void> {
  const { pool, count } = stage;
  const mongo = { mongoUrl: store.mongoUrl };
  await insertClients(pool, CLIENTS);
  await store.takeAway();
  const api = await stage.start('api', mongo);
  const worker = await stage.start('worker', mongo);
  const url = await urlOf(api);
  // At the start: people are served, and told that nobody works on what they ask for.
  const away = mongo.mongoUrl === undefined ? 'The table of the jobs in PostgreSQL' : 'MongoDB, which holds the jobs,';
  const red = { ...RED, reason: expect.stringContaining(`${away} does not answer: people are served, mailings wait.`) };
  expect(await readiness(url)).toEqual(red);
  // A balancer goes on sending people here.
  expect((await send(`${url}/readyz?exclude=scheduler`)).status).toBe(200);
  const early = await createMailing(url);
  expect(await count(`select count(*)::int from mailing where status = 'SCHEDULED'`)).toBe(1);
  await store.giveBack();
  await expect.poll(() => readiness(url), SOON).toEqual(GREEN);
  // Its ring was lost; the sweep finds it.
  await expect.poll(() => count(`select sent from mailing where id = ${early}`), SOON).toBe(CLIENTS);

  // Midway.
  await stage.behave({ latency: { minMs: 100, maxMs: 200 } });
  const caught = await insertMailing(pool);
  await expect
    .poll(() => count(`select sent from mailing where id = ${caught}`), { ...SOON, interval: 10 })
    .toBeGreaterThan(10);
  await store.takeAway();
  await expect.poll(() => readiness(url), SOON).toEqual(red);
  const missed = await createMailing(url);
  await store.giveBack();
  await stage.drained();
  for (const id of [caught, missed]) expect(await count(`select sent from mailing where id = ${id}`)).toBe(CLIENTS);
  await expect.poll(async () => (await readiness(url)).status, SOON).toBe(200);
  await stage.judge();
  for (const program of [api, worker]) {
    program.kill('SIGTERM');
    expect(await program.ended).toEqual({ code: 0, signal: null });
  }
}

test('FAULTS 16: the table of the jobs is away at the start and midway: the API is up, readiness is red, and the sweep finds the work', async () => {
  const stage = await setStage();
  await outliveTheStore(stage, tableOf(stage));
}, 180_000);

test('FAULTS 16: MongoDB with the jobs is away at the start and midway: the API is up, readiness is red, and the sweep finds the work', async ({
  skip,
}) => {
  const obstacle = whyNoMongo();
  if (obstacle) return skip(obstacle);
  const stage = await setStage();
  await outliveTheStore(stage, await mongoBehindLine());
}, 180_000);

test('FAULTS 16: the connections that listen are cut again and again: every mailing is found all the same', async () => {
  const stage = await setStage();
  await insertClients(stage.pool, 20);
  const worker = await stage.start('worker');
  let cut = 0;
  for (let round = 0; round < 3; round += 1) {
    await insertMailing(stage.pool);
    cut += await stage.count(`select count(pg_terminate_backend(pid))::int from pg_stat_activity
      where datname = current_database() and query like 'LISTEN%'`);
    await stage.drained();
  }
  expect(cut).toBeGreaterThan(1);
  expect(await stage.count('select sum(sent)::int from mailing')).toBe(60);
  await stage.judge();
  worker.kill('SIGTERM');
  expect(await worker.ended).toEqual({ code: 0, signal: null });
}, 120_000);
