import { expect, onTestFinished, test } from 'vitest';
import { insertClients, insertMailing } from '../testing/rows.js';
import { setStage } from './stage.js';

test('FAULTS 2: a worker is killed after the gateway accepted and before that is recorded: one repeat under the same id and payload, then SENT', async () => {
  const stage = await setStage();
  const { pool, count } = stage;
  await insertClients(pool, 40);
  const id = await insertMailing(pool);
  const launched = await stage.start('worker', { concurrency: 1 });
  await expect.poll(() => count('select count(*)::int from message'), { timeout: 20_000, interval: 5 }).toBe(40);
  launched.kill('SIGKILL');
  await launched.ended;

  // Whoever records has to have the mailing's row, last of all; whoever claims only reads it.
  const holder = await pool.connect();
  onTestFinished(() => holder.release(true));
  await holder.query('begin');
  await holder.query('select from mailing where id = $1 for update', [id]);
  const seenBefore = new Set((await stage.requests()).map((request) => request.id));
  const victim = await stage.start('worker');
  const accepted = async () =>
    (await stage.requests()).filter((request) => request.accepted && !seenBefore.has(request.id)).length;
  await expect.poll(accepted, { timeout: 20_000 }).toBeGreaterThan(5);
  await stage.quiet();
  victim.kill('SIGKILL');
  await victim.ended;
  // Its record, which waits for the row, dies with it.
  await pool.query(
    `select pg_terminate_backend(pid) from pg_stat_activity where application_name = 'heliograph worker'`,
  );
  await holder.query('rollback');

  const unrecorded = await count(`select count(*)::int from message where status = 'OPEN' and fence > 0`);
  expect(unrecorded).toBeGreaterThan(5);
  await stage.start('worker');
  await stage.drained();
  expect(await count('select sent from mailing')).toBe(40);
  const requests = await stage.requests();
  const repeats = requests.filter(({ repeat }) => repeat).length;
  expect(repeats).toBeGreaterThan(5);
  expect(repeats).toBeLessThanOrEqual(unrecorded);
  for (const request of requests.filter(({ repeat }) => repeat)) {
    const all = requests.filter((other) => other.id === request.id);
    expect([all.length, new Set(all.map(({ hash }) => hash)).size]).toEqual([2, 1]);
  }
  await stage.judge();
}, 180_000);
