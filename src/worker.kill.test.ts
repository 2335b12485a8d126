import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { spawnSimulator } from './simulator/spawn-simulator.js';
import type { ChildProgram } from './testing/child-program.js';
import { startProgram } from './testing/program.js';
import { insertClients, insertMailing } from './testing/rows.js';
import { seeded } from './testing/seeded.js';
import { createTestDatabase } from './testing/test-database.js';
import { verify } from './verify/verify.js';

const CLIENTS = 3_000;
const KILLS = 10;
const TIMEOUT_MS = 1_000;

test('ten kill −9 of workers under load: nobody is lost, and repeated is only what was in flight, with the same payload', async () => {
  const seed = Number(process.env['SEED'] ?? Date.now() % 1_000_000);
  const random = seeded(seed);
  const dir = await mkdtemp(join(tmpdir(), 'heliograph-kill-'));
  const database = await createTestDatabase();
  const simulator = await spawnSimulator({ dir, behaviour: { seed, latency: { minMs: 5, maxMs: 60 } } });
  const workers: ChildProgram[] = [];
  onTestFinished(async () => {
    for (const worker of workers) worker.kill('SIGKILL');
    await Promise.all(workers.map((worker) => worker.ended));
    await simulator.close();
    await rm(dir, { recursive: true });
    await database.dropOnceLeft();
  });
  await insertClients(database.pool, CLIENTS, { attributes: { name: 'Anna' } });

  const open = async () => {
    const { rows } = await database.pool.query(
      `select coalesce(sum(open), 0)::int as open, count(*) filter (where status <> 'COMPLETED')::int as going from mailing`,
    );
    return rows[0] as { open: number; going: number };
  };
  const start = () =>
    startProgram({
      role: 'worker',
      databaseUrl: database.url,
      dir,
      gatewayUrl: simulator.url,
      timeoutMs: TIMEOUT_MS,
      concurrency: 24,
    });
  workers.push(...(await Promise.all([start(), start()])));
  for (let kill = 0; kill < KILLS; kill += 1) {
    if ((await open()).open < CLIENTS / 2) await insertMailing(database.pool, { text: `Hello, {{ name }}! ${kill}` });
    await new Promise((resolve) => setTimeout(resolve, random() * 400));
    const victim = Math.floor(random() * workers.length);
    workers[victim]!.kill('SIGKILL');
    await workers[victim]!.ended;
    workers[victim] = await start();
  }
  await expect.poll(open, { timeout: 120_000, interval: 200 }).toEqual({ open: 0, going: 0 });

  const findings = await verify(database.pool, simulator.ledgerFile, { timeoutMs: TIMEOUT_MS });
  const broken = findings.filter((finding) => finding.broken > 0);
  expect(broken, `seed ${seed}`).toEqual([]);
  const { rows } = await database.pool.query(
    `select (select count(*) from message where fence > 1)::int as again, (select sum(sent) from mailing)::int as sent, (select sum(total) from mailing)::int as total`,
  );
  // The kills did hit something, and everybody got it all the same.
  expect(rows[0].again).toBeGreaterThan(0);
  expect(rows[0].sent).toBe(rows[0].total);
}, 240_000);
