import 'reflect-metadata';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { listenForStop } from '../src/platform/stop-signal.js';
import { whyNoMongo } from '../src/testing/mongo-server.js';
import { count } from './figures.js';
import { Fleet, TIMEOUT_MS } from './fleet-parts.js';

/**
 * `npm run fleet -- [--rounds N]`: the wiring of docker-compose.yml as plain processes, under load; one of each is killed and
 * started again, and nobody may notice: every request to the API is answered, every message sent, and `verify --ledger` holds.
 */

const CLIENTS = 500;
/** Mailings under way while something is killed. */
const AT_ONCE = 3;
/** After a kill the gateway must see so many more requests before the next one. */
const MOVES_ON = 500;
/** How often the gateway is looked at, ms. */
const LOOK_MS = 50;
/** How long sending may stand still, and all of it take to come to its end, ms. */
const PATIENCE_MS = 60_000;

const say = (text: string) => process.stdout.write(`${text}\n`);
const seconds = (ms: number) => `${(ms / 1_000).toFixed(1)} s`;

/** What is killed in each round, and how it is said. */
const KILLS: readonly [string, (fleet: Fleet, round: number) => Promise<void>][] = [
  ['a worker', (fleet, round) => fleet.killProgram(fleet.workers[round % fleet.workers.length]!)],
  ['an API', (fleet, round) => fleet.killProgram(fleet.apis[round % fleet.apis.length]!)],
  ['MongoDB, with all jobs', (fleet) => fleet.killMongo()],
  ['PostgreSQL', (fleet) => fleet.killPostgres()],
];

/** Makes mailings until it is told to stop, so that there is always something under way. @returns how many it made */
async function drive(fleet: Fleet, stop: AbortSignal): Promise<number> {
  const endsAt = new Date(Date.now() + 3_600_000).toISOString();
  let made = 0;
  while (!stop.aborted) {
    const going = await fleet.ask<{ edges: unknown[] }>(
      `{ it: mailings(first: ${AT_ONCE}, statuses: [SCHEDULED, RUNNING]) { edges { node { id } } } }`,
    );
    if (going.edges.length >= AT_ONCE) {
      await sleep(LOOK_MS);
      continue;
    }
    made += 1;
    // Whoever gets no answer asks again with the same key, and makes nothing twice.
    const { userErrors } = await fleet.ask<{ userErrors: { message: string }[] }>(
      `mutation ($input: MailingInput!, $key: String!) {
        it: mailingCreate(input: $input, idempotencyKey: $key) { userErrors { message } } }`,
      { input: { name: `Fleet ${made}`, text: 'Hello, {{ name }}!', endsAt }, key: `fleet-${made}` },
    );
    for (const { message } of userErrors) fleet.complain(`mailing ${made} was refused: ${message}`);
  }
  return made;
}

/** Kills, and waits until the gateway sees more again. @returns the longest time in which it saw nothing, ms */
async function strike(fleet: Fleet, kill: () => Promise<void>): Promise<number> {
  let longest = 0;
  let seen = await fleet.requests();
  let since = performance.now();
  let killed = false;
  const killing = kill().finally(() => {
    killed = true;
  });
  for (let goal = Number.POSITIVE_INFINITY; seen < goal; ) {
    await sleep(LOOK_MS);
    const requests = await fleet.requests();
    const now = performance.now();
    longest = Math.max(longest, now - since);
    if (requests > seen) since = now;
    seen = requests;
    if (killed && goal === Number.POSITIVE_INFINITY) goal = seen + MOVES_ON;
    if (now - since > PATIENCE_MS) throw new Error(`nothing has been sent for ${seconds(PATIENCE_MS)}`);
  }
  await killing;
  return longest;
}

/** Resolves once every mailing is done. */
async function drain(fleet: Fleet): Promise<void> {
  const until = performance.now() + PATIENCE_MS;
  const open = `select count(*)::int as going from mailing where status <> 'COMPLETED'`;
  while ((await fleet.pool.query<{ going: number }>(open)).rows[0]!.going > 0) {
    if (performance.now() > until) throw new Error(`not everything is sent after ${seconds(PATIENCE_MS)}`);
    await sleep(LOOK_MS);
  }
}

/** `npm run cli -- verify --ledger`, as an operator would. @returns whether everything holds */
async function judge(fleet: Fleet): Promise<boolean> {
  const cli = join(import.meta.dirname, '../src/cli.js');
  const child = spawn(process.execPath, [cli, 'verify', '--ledger'], {
    env: {
      PATH: process.env['PATH'] ?? '',
      DATABASE_URL: fleet.databaseUrl,
      DATA_DIR: fleet.dir,
      GATEWAY_TIMEOUT_MS: String(TIMEOUT_MS),
    },
    cwd: fleet.dir,
    stdio: ['ignore', 'inherit', 'inherit'],
  });
  const [code] = await once(child, 'exit');
  return code === 0;
}

async function compareCounts(fleet: Fleet, mailings: number): Promise<void> {
  const { rows } = await fleet.pool.query<{ mailings: number; sent: number }>(
    'select count(*)::int as mailings, coalesce(sum(sent), 0)::int as sent from mailing',
  );
  const [found] = rows;
  say(
    `${count(found!.mailings)} mailings, ${count(found!.sent)} messages sent, ${count(await fleet.requests())} requests`,
  );
  const { answered, away } = fleet.answers;
  say(`the APIs answered ${count(answered)} times; ${count(away)} times one was away, and the request was made again`);
  if (found!.mailings !== mailings) fleet.complain(`${mailings} mailings were asked for, ${found!.mailings} are there`);
  if (found!.sent !== mailings * CLIENTS) fleet.complain(`${mailings * CLIENTS} messages were to be sent`);
}

async function run(fleet: Fleet, rounds: number, stop: AbortSignal): Promise<boolean> {
  await fleet.start();
  await fleet.pool.query(
    `insert into client (phone, operator_code, tags, time_zone, attributes)
     select (79000000000 + n)::text, '900', '{}', 'Europe/Moscow', jsonb_build_object('name', 'Client ' || n)
     from generate_series(1, $1) n`,
    [CLIENTS],
  );
  say(`${fleet.apis.length} APIs, ${fleet.workers.length} workers, PostgreSQL, MongoDB and a gateway run`);
  const over = new AbortController();
  const driving = drive(fleet, over.signal);
  try {
    while ((await fleet.requests()) < MOVES_ON) await sleep(LOOK_MS);
    for (let round = 0; round < rounds; round += 1) {
      for (const [what, kill] of KILLS) {
        if (stop.aborted) break;
        const stood = await strike(fleet, () => kill(fleet, round));
        say(`killed ${what}: the gateway saw nothing for ${seconds(stood)} at the most`);
      }
    }
  } finally {
    over.abort();
  }
  const mailings = await driving;
  await drain(fleet);
  await fleet.endPrograms();
  await compareCounts(fleet, mailings);
  say('');
  const holds = await judge(fleet);
  return holds && fleet.complaints.length === 0 && !stop.aborted;
}

const { values } = parseArgs({ options: { rounds: { type: 'string', default: '3' } } });
const rounds = Number(values.rounds);
if (!(Number.isInteger(rounds) && rounds >= 1)) throw new Error('Usage: npm run fleet -- [--rounds N]');
const obstacle = whyNoMongo({});
if (obstacle) {
  say(`The fleet needs a MongoDB that it may kill: ${obstacle}.`);
  process.exit(2);
}
const began = performance.now();
const stop = listenForStop({ onSecond: () => process.exit(1) });
const fleet = new Fleet(await mkdtemp(join(tmpdir(), 'heliograph-fleet-')));
let holds = false;
try {
  holds = await run(fleet, rounds, stop);
} catch (error) {
  say(`WRONG: ${error instanceof Error ? error.message : error}`);
} finally {
  await fleet.close();
}
say(`${holds ? 'nobody noticed' : stop.aborted ? 'stopped by hand' : 'BROKEN'}, ${seconds(performance.now() - began)}`);
if (holds || stop.aborted) await rm(fleet.dir, { recursive: true, force: true });
else say(`Ledger, database and logs are kept in ${fleet.dir}.`);
process.exit(holds ? 0 : 1);
