import 'reflect-metadata';
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { behave, totals } from '../src/simulator/simulator-client.js';
import { spawnSimulator } from '../src/simulator/spawn-simulator.js';
import { type BenchStage, onStage } from './children.js';
import { startProgram } from './program.js';

/**
 * `npm run bench -- api-under-fault`: what a query takes (95th percentile) while the program is idle, and while a mailing of 20,000 is
 * stuck on a gateway that answers nobody, and on one that is not there. Exit code 1 when it takes more than 1.5 times as
 * long. The API and the worker are processes of their own, as in production.
 */
const REQUESTS = 300;
const MESSAGES = 20_000;
const MOST = 1.5;
const TOKEN = 'bench-admin-token';
const QUERY = `{ mailings(first: 20) { edges { node { id name status progress { total sent open ratePerSecond } } } } clients(first: 50) { edges { node { id phone tags } } } }`;
const out = process.stdout;

/** @returns ms, at the 95th percentile */
async function p95(url: string): Promise<number> {
  const times: number[] = [];
  for (let n = 0; n < REQUESTS; n += 1) {
    const begun = performance.now();
    const answer = await fetch(`${url}/graphql`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', authorization: `Bearer ${TOKEN}` },
      body: JSON.stringify({ query: QUERY }),
    });
    const body = (await answer.json()) as { errors?: unknown };
    if (!answer.ok || body.errors) throw new Error(`the API answered ${answer.status}: ${JSON.stringify(body.errors)}`);
    times.push(performance.now() - begun);
  }
  return times.sort((a, b) => a - b)[Math.floor(REQUESTS * 0.95)]!;
}

async function compare({ databaseUrl, pool, dir }: BenchStage): Promise<void> {
  await pool.query(
    `insert into client (phone, operator_code, tags, time_zone) select (79000000000 + n)::text, '900', '{}', 'Europe/Moscow' from generate_series(1, $1) n`,
    [MESSAGES],
  );
  await pool.query('vacuum analyze client');
  const folder = join(dir, 'program');
  await mkdir(folder);
  const simulator = await spawnSimulator({ dir: folder });
  const shared = {
    DATABASE_URL: databaseUrl,
    GATEWAY_URL: simulator.url,
    GATEWAY_TIMEOUT_MS: '5000',
    ADMIN_TOKEN: TOKEN,
  };
  const api = await startProgram(folder, { ...shared, ROLE: 'api' });
  const worker = await startProgram(folder, { ...shared, ROLE: 'worker' });
  await p95(api.url);
  const idle = await p95(api.url);
  out.write(`idle                       p95 ${idle.toFixed(1)} ms\n`);
  const faults = {
    'answers nobody': { outcomes: [{ outcome: 'hang' as const }] },
    'is not there': { down: 'refuse' as const },
  };
  for (const [name, behaviour] of Object.entries(faults)) {
    await behave(simulator.controlUrl, behaviour);
    const { rows } = await pool.query<{ id: string }>(
      `insert into mailing (name, text, filter, starts_at, ends_at, status)
       values ('bench', 'Hello', '{"operatorCodes":[],"tagsAny":[],"tagsAll":[],"timeZones":[]}', clock_timestamp(), clock_timestamp() + interval '1 hour', 'SCHEDULED') returning id`,
    );
    const isStuck = async () =>
      (
        await pool.query('select from mailing, channel_circuit where id = $1 and launch_completed_at is not null', [
          rows[0]!.id,
        ])
      ).rowCount;
    while (!(await isStuck())) await new Promise((resolve) => setTimeout(resolve, 200));
    const stuck = await p95(api.url);
    const ratio = stuck / idle;
    out.write(
      `the gateway ${name.padEnd(15)}p95 ${stuck.toFixed(1)} ms, ratio ${ratio.toFixed(2)} (at most ${MOST})\n`,
    );
    if (ratio > MOST) process.exitCode = 1;
    await pool.query(`update mailing set status = 'CANCELLED' where id = $1`, [rows[0]!.id]);
    await behave(simulator.controlUrl, {});
    while ((await pool.query('select from mailing where id = $1 and open > 0', [rows[0]!.id])).rowCount)
      await new Promise((resolve) => setTimeout(resolve, 200));
    await pool.query('delete from channel_circuit');
  }
  out.write(`${(await totals(simulator.controlUrl)).requests} requests reached the gateway\n`);
  for (const program of [api, worker]) await program.stop();
  await simulator.close();
}

await onStage(compare);
