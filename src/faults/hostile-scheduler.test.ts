import { setTimeout as sleep } from 'node:timers/promises';
import { expect, onTestFinished, test } from 'vitest';
import { ChangeBell } from '../live/change-bell.js';
import { cancelMailing, pauseMailing, resumeMailing } from '../mailing/lifecycle.js';
import { HostileScheduler } from '../testing/hostile-scheduler.js';
import { insertClients, insertMailing } from '../testing/rows.js';
import { recordingLog } from '../testing/running-api.js';
import { startWorker } from '../testing/start-worker.js';
import { type Stage, setStage, TIMEOUT_MS } from './stage.js';

const CLIENTS = 300;
const BY = { name: 'admin' };

/** Two workers under one hostile scheduler each, so that every job runs at least six times over. */
async function startHostileWorkers({ databaseUrl, simulator }: Stage): Promise<HostileScheduler[]> {
  const hostile: HostileScheduler[] = [];
  for (let n = 0; n < 2; n += 1) {
    const disturb = (scheduler: ConstructorParameters<typeof HostileScheduler>[0]) => {
      const disturbed = new HostileScheduler(scheduler);
      hostile.push(disturbed);
      return disturbed;
    };
    const stop = await startWorker({
      databaseUrl,
      gatewayUrl: simulator.url,
      timeoutMs: TIMEOUT_MS,
      concurrency: 8,
      disturb,
    });
    onTestFinished(stop);
  }
  return hostile;
}

test('FAULTS 16: every job is run three times, at once and late, and none for a while: pause, resume, cancel and end hold, and nobody is lost or doubled', async () => {
  const stage = await setStage({ latency: { minMs: 40, maxMs: 120 } });
  const { pool, count } = stage;
  await insertClients(pool, CLIENTS);
  const schedulers = await startHostileWorkers(stage);
  const mute = (yes: boolean) => {
    for (const scheduler of schedulers) scheduler.mute = yes;
  };
  const bell = new ChangeBell(pool);
  // Rings of those who steer are lost altogether: the sweep has to find what they announced.
  const parts = {
    pool,
    bell,
    log: recordingLog().log,
    timeoutMs: () => TIMEOUT_MS,
    scheduler: { ring: async () => {} },
  };
  const sent = (id: string) => count(`select sent from mailing where id = ${id}`);
  const until = (id: string, atLeast: number) =>
    expect.poll(() => sent(id), { timeout: 20_000, interval: 10 }).toBeGreaterThanOrEqual(atLeast);

  const plain = await insertMailing(pool);
  const paused = await insertMailing(pool);
  const cancelled = await insertMailing(pool);
  const ending = await insertMailing(pool, { endsIn: '3 seconds' });
  const starting = await insertMailing(pool, { startsIn: '2 seconds' });
  await until(paused, 20);
  await pauseMailing(parts, paused, BY);
  await until(cancelled, 20);
  await cancelMailing(parts, cancelled, BY);
  mute(true);
  await resumeMailing(parts, paused, BY);
  // Nobody hears a bell, and no sweep looks.
  await stage.quiet();
  expect(await count(`select count(*)::int from message where status = 'OPEN'`)).toBeGreaterThan(0);
  mute(false);
  await until(paused, 60);
  await pauseMailing(parts, paused, BY);
  await sleep(200);
  await resumeMailing(parts, paused, BY);

  await stage.drained();
  for (const id of [plain, paused, starting]) expect(await sent(id)).toBe(CLIENTS);
  expect(await sent(ending)).toBeLessThan(CLIENTS);
  expect(await sent(cancelled)).toBeLessThan(CLIENTS);
  // No worker died, so no claim took what another one had in hand.
  expect(await count(`select count(*)::int from message_attempt where outcome = 'lost'`)).toBe(0);
  for (const job of ['mailing.launch', 'mailing.dispatch', 'mailing.finish', 'sweep'] as const) {
    expect(
      schedulers.reduce((sum, { runs }) => sum + (runs.get(job) ?? 0), 0),
      job,
    ).toBeGreaterThan(5);
  }
  await stage.judge();
}, 180_000);
