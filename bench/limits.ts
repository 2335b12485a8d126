import 'reflect-metadata';
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { readLedger } from '../src/simulator/simulator-client.js';
import { spawnSimulator } from '../src/simulator/spawn-simulator.js';
import { ask, type BenchStage, onStage, start, stop } from './children.js';

/**
 * `npm run bench -- limits`: how well limits are kept and used, on an instant gateway, by its ledger: with one worker
 * process and with two, for a mailing, a channel, and both. Exit code 1 when less than 0.9 of a limit is used, or a sliding
 * second holds more than 1.1 × limit + 1.
 */
const CASES = [
  { limit: 5, seconds: 12 },
  { limit: 50, seconds: 8 },
  { limit: 1_000, seconds: 8 },
  { limit: 5_000, seconds: 8 },
];
/** `none` tells what the machine can do just now. */
const SCOPES = ['none', 'mailing', 'channel', 'both'] as const;
const LEAST_USED = 0.9;
const out = process.stdout;

/** @returns requests in the fullest sliding second */
function fullest(times: readonly number[]): number {
  let most = 0;
  let from = 0;
  for (const [index, time] of times.entries()) {
    while (times[from]! <= time - 1_000) from += 1;
    most = Math.max(most, index - from + 1);
  }
  return most;
}

async function arrivals(controlUrl: string): Promise<number[]> {
  const times: number[] = [];
  for (let from = 0; ; ) {
    const { lines, next } = await readLedger(controlUrl, from);
    for (const { at } of lines) if (at !== undefined) times.push(at);
    if (lines.length === 0) return times.sort((a, b) => a - b);
    from = next;
  }
}

async function run(
  { pool, databaseUrl, dir }: BenchStage,
  scope: (typeof SCOPES)[number],
  limit: number,
  seconds: number,
  processes: number,
): Promise<boolean> {
  const folder = join(dir, `${scope}-${limit}-${processes}`);
  await mkdir(folder);
  const simulator = await spawnSimulator({ dir: folder });
  const workers = Array.from({ length: processes }, () => start('dispatch-process.js', databaseUrl, simulator.url));
  await Promise.all(workers.map((worker) => ask(worker)));
  const of = (kind: string) => (scope === kind || scope === 'both' ? limit : null);
  await pool.query(`insert into channel_limit (channel, by, rate_limit) values ('gateway', 'bench', $1)`, [
    of('channel'),
  ]);
  const { rows } = await pool.query<{ id: string }>(
    `insert into mailing (name, text, filter, starts_at, ends_at, status, rate_limit)
     values ('bench', 'Hello', $1, clock_timestamp(), clock_timestamp() + interval '1 hour', 'SCHEDULED', $2) returning id`,
    [{ operatorCodes: [], tagsAny: [`first-${limit}`], tagsAll: [], timeZones: [] }, of('mailing')],
  );
  const isDone = async () =>
    (await pool.query(`select from mailing where id = $1 and status = 'COMPLETED'`, [rows[0]!.id])).rowCount === 1;
  while (!(await isDone())) await new Promise((resolve) => setTimeout(resolve, 200));
  await Promise.all(workers.map(stop));
  const times = await arrivals(simulator.controlUrl);
  await simulator.close();
  const { rows: claims } = await pool.query<{ fences: number }>(
    'select sum(fence)::float8 / count(*) as fences from message where mailing_id = $1',
    [rows[0]!.id],
  );
  const used = (times.length - 1) / ((times.at(-1)! - times[0]!) / 1_000) / limit;
  const most = fullest(times);
  const isKept = used >= LEAST_USED && most <= 1.1 * limit + 1;
  const good = times.length === limit * seconds && (isKept || scope === 'none');
  out.write(
    `${scope.padEnd(10)}${String(limit).padStart(6)}${String(processes).padStart(11)}${used.toFixed(3).padStart(9)}${String(most).padStart(17)}` +
      `${claims[0]!.fences.toFixed(3).padStart(16)}${good ? '' : '   not good enough'}\n`,
  );
  return good;
}

await onStage(async (stage) => {
  for (const { limit, seconds } of CASES) {
    await stage.pool.query(
      `insert into client (phone, operator_code, tags, time_zone)
       select (79000000000 + n + (select count(*) from client))::text, '900', $2, 'Europe/Moscow' from generate_series(1, $1) n`,
      [limit * seconds, [`first-${limit}`]],
    );
  }
  await stage.pool.query('vacuum analyze client');
  out.write('scope      limit  processes     used  fullest second  claims/message\n');
  // `limits 50 both`: only these.
  const [, , , onlyLimit, onlyScope] = process.argv;
  for (const scope of SCOPES) {
    for (const processes of [1, 2]) {
      for (const { limit, seconds } of CASES) {
        if (scope === 'none' && limit < 5_000) continue;
        if (!`${limit}`.match(onlyLimit ?? '') || !scope.match(onlyScope ?? '')) continue;
        if (!(await run(stage, scope, limit, seconds, processes))) process.exitCode = 1;
      }
    }
  }
});
