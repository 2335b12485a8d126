import { randomBytes } from 'node:crypto';
import { expect, onTestFinished, test } from 'vitest';
import type { ChildProgram } from '../testing/child-program.js';
import { startMongoServer, whyNoMongo, withDatabase } from '../testing/mongo-server.js';
import { insertClients, insertMailing } from '../testing/rows.js';
import { setStage } from './stage.js';

const CLIENTS = 300;
/** Of the first mailing, by when the jobs move: to MongoDB, and back again. */
const MOVES = [60, 150];

async function end(program: ChildProgram): Promise<void> {
  program.kill('SIGTERM');
  expect(await program.ended).toEqual({ code: 0, signal: null });
}

test('the jobs move to MongoDB and back in mid-mailing, and every message is sent once', async ({ skip }) => {
  const obstacle = whyNoMongo();
  if (obstacle) return skip(obstacle);
  const server = await startMongoServer();
  onTestFinished(() => server.stop());
  const mongoUrl = withDatabase(server.url, `test_${randomBytes(6).toString('hex')}`);
  const stage = await setStage({ latency: { minMs: 100, maxMs: 200 } });
  const { pool, count } = stage;
  await insertClients(pool, CLIENTS);
  // So slow that it is not over before the jobs have moved twice, however long a process takes to start.
  const first = await insertMailing(pool, { rateLimit: 20 });
  const sent = () => count(`select sent from mailing where id = ${first}`);
  const pastOf = (messages: number) =>
    expect.poll(sent, { timeout: 30_000, interval: 20 }).toBeGreaterThanOrEqual(messages);

  const before = await stage.start('worker');
  await pastOf(MOVES[0]!);
  // Its jobs stay behind, booked in the table.
  await insertMailing(pool, { startsIn: '1 second' });
  await end(before);
  expect(await count('select count(*)::int from agenda_jobs')).toBeGreaterThan(0);
  expect(await sent()).toBeLessThan(CLIENTS);

  const onMongo = await stage.start('worker', { mongoUrl });
  await pastOf(MOVES[1]!);
  // Back without a pause: for a moment the two share the mailing, each with jobs of its own.
  const after = await stage.start('worker');
  await insertMailing(pool, { rateLimit: 100 });
  await end(onMongo);
  expect(await count('select count(*)::int from message where status <> $$SENT$$')).toBeGreaterThan(0);

  await stage.drained();
  expect(await count('select sum(sent)::int from mailing')).toBe(3 * CLIENTS);
  expect((await stage.requests()).length).toBe(3 * CLIENTS);
  await stage.judge();
  await end(after);
}, 120_000);
