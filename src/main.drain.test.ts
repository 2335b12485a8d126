import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import pg from 'pg';
import { expect, onTestFinished, test } from 'vitest';
import { startEmbeddedPostgres } from './embedded/embedded-postgres.js';
import { findPostmaster, isRunning } from './embedded/postmaster.js';
import { databaseUrlOf, findRunning } from './embedded/running-file.js';
import { totals } from './simulator/simulator-client.js';
import { spawnSimulator } from './simulator/spawn-simulator.js';
import { builtFile } from './testing/built.js';
import { startChild } from './testing/child-program.js';

const CLIENTS = 5_000;

/** The program in the middle of a mailing, against a gateway that takes its time with each answer. */
async function startSending(latencyMs: number) {
  const dir = mkdtempSync(join(tmpdir(), 'heliograph drain '));
  const cluster = join(dir, '.data/postgres/cluster');
  const latency = { minMs: latencyMs, maxMs: latencyMs };
  const simulator = await spawnSimulator({ dir: join(dir, 'simulator'), behaviour: { latency } });
  const program = startChild(process.execPath, [await builtFile('src/main.ts')], {
    cwd: dir,
    env: { PORT: '0', GATEWAY_URL: simulator.url, GATEWAY_TIMEOUT_MS: '25000' },
  });
  onTestFinished(async () => {
    program.kill('SIGKILL');
    await program.ended;
    await simulator.close();
    const postmaster = findPostmaster(cluster);
    if (postmaster) process.kill(postmaster.pid, 'SIGQUIT');
    await expect.poll(() => findPostmaster(cluster)).toBeUndefined();
    rmSync(dir, { recursive: true, force: true });
  });
  await program.saying(/"msg":"ready"/);
  const running = findRunning(join(dir, '.data'));
  if (running === undefined) throw new Error('the program left no note of itself');
  await createMailing(databaseUrlOf(running));
  await expect.poll(async () => (await totals(simulator.controlUrl)).requests, { timeout: 20_000 }).toBeGreaterThan(0);
  return { dir, simulator, program, postmaster: findPostmaster(cluster) };
}

/** The rows are all it takes: the sweep finds them. */
async function createMailing(databaseUrl: string): Promise<void> {
  await query(
    databaseUrl,
    `with made as (
       insert into client (phone, operator_code, time_zone)
       select '7900' || lpad(n::text, 7, '0'), '900', 'Europe/Moscow' from generate_series(1, ${CLIENTS}) n
     )
     insert into mailing (name, text, filter, starts_at, ends_at, status)
     values ('drained', 'Hello!', '{"operatorCodes":[],"tagsAny":[],"tagsAll":[],"timeZones":[]}',
       clock_timestamp(), clock_timestamp() + interval '1 day', 'SCHEDULED')`,
  );
}

async function query<T extends pg.QueryResultRow>(url: string, sql: string): Promise<T[]> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  try {
    return (await client.query<T>(sql)).rows;
  } finally {
    await client.end();
  }
}

test('FAULTS 4: on SIGTERM what is in flight ends and is recorded, and nothing new begins', async () => {
  const { dir, simulator, program } = await startSending(500);
  program.kill('SIGTERM');
  await program.saying(/"msg":"stopping"/);
  expect(await program.ended).toEqual({ code: 0, signal: null });
  const { accepted, requests, repeats } = await totals(simulator.controlUrl);
  expect({ accepted, repeats }).toEqual({ accepted: requests, repeats: 0 });
  expect(requests).toBeLessThan(CLIENTS);

  const postgres = await startEmbeddedPostgres({ dir: join(dir, '.data/postgres') });
  onTestFinished(() => postgres.stop());
  expect(
    await query(
      postgres.url,
      `select (select sent from mailing) as counted, count(*) filter (where status = 'SENT')::int as sent,
         count(*) filter (where lease_until is not null)::int as leased from message`,
    ),
  ).toEqual([{ counted: accepted, sent: accepted, leased: 0 }]);
});

test('FAULTS 4: a second signal ends it at once, and the database cleanly', async () => {
  const { program, postmaster } = await startSending(20_000);
  program.kill('SIGTERM');
  await program.saying(/"msg":"stopping"/);
  const again = setInterval(() => program.kill('SIGTERM'), 50);
  onTestFinished(() => clearInterval(again));
  expect(await program.ended).toEqual({ code: 1, signal: null });
  expect(program.said).toContain('Stopped by force.\n');
  await expect.poll(() => isRunning(postmaster?.pid ?? 0)).toBe(false);
});
