import { expect, test } from 'vitest';
import type { ChildProgram } from '../testing/child-program.js';
import { insertClients, insertMailing } from '../testing/rows.js';
import { type Stage, setStage } from './stage.js';

const MINUTE = 60_000;
const CLIENTS = 400;

/** What the clock of a program shows less what it really is, in whole minutes, as it said itself just now. */
async function minutesOff(program: ChildProgram, times: number): Promise<number> {
  await program.saying(new RegExp(`(the clock shows[^]*){${times}}`));
  const shown = [...program.said.matchAll(/the clock shows (\S+)/g)].at(-1)![1]!;
  // Zero has no sign here.
  return Math.round((Date.parse(shown) - Date.now()) / MINUTE) + 0;
}

const withClock = (minutes: number, step: number) => ({
  hooks: ['shift-clock' as const],
  env: { CLOCK_SHIFT_MS: String(minutes * MINUTE), CLOCK_STEP_MS: String(step * MINUTE) },
});

const row = async ({ pool }: Stage, id: string) =>
  (await pool.query('select * from mailing where id = $1', [id])).rows[0];
const finished = async (stage: Stage, id: string) => {
  await expect.poll(async () => (await row(stage, id)).status, { timeout: 25_000, interval: 50 }).toBe('COMPLETED');
  return await row(stage, id);
};

/** Mailings that a wrong clock would start too early, or end too early or too late. */
async function expectDatabaseTime(stage: Stage): Promise<void> {
  const { pool } = stage;
  const soon = await insertMailing(pool, { startsIn: '1 second', endsIn: '4 seconds' });
  const later = await insertMailing(pool, { startsIn: '9 minutes', endsIn: '20 minutes' });
  const over = await insertMailing(pool, { startsIn: '-20 minutes', endsIn: '-9 minutes' });
  const ended = await finished(stage, soon);
  // It was cut off by its end, and by nothing else.
  expect(ended).toMatchObject({ total: CLIENTS, open: 0, failed: 0, unknown: 0 });
  expect(ended.sent).toBeGreaterThan(0);
  expect(ended.expired).toBeGreaterThan(0);
  expect(await finished(stage, over)).toMatchObject({ total: CLIENTS, expired: CLIENTS });
  expect(await row(stage, later)).toMatchObject({ status: 'SCHEDULED', total: 0 });
}

test('FAULTS 17: a worker whose clock is ten minutes ahead, and then steps back to ten minutes behind, starts and ends mailings by the clock of the database', async () => {
  const stage = await setStage({ latency: { minMs: 100, maxMs: 100 } });
  await insertClients(stage.pool, CLIENTS);
  const worker = await stage.start('worker', { ...withClock(10, -10), concurrency: 8 });
  expect(await minutesOff(worker, 1)).toBe(10);
  await expectDatabaseTime(stage);
  worker.kill('SIGUSR2');
  expect(await minutesOff(worker, 2)).toBe(-10);
  await expectDatabaseTime(stage);
  await stage.judge();
}, 180_000);

test('FAULTS 17: windows open by the clock of the database, whatever that of the worker shows', async () => {
  const stage = await setStage();
  const { pool } = stage;
  await insertClients(pool, 50, { timeZone: 'UTC' });
  for (const minutes of [10, -10]) {
    const worker = await stage.start('worker', withClock(minutes, 0));
    expect(await minutesOff(worker, 1)).toBe(minutes);
  }
  // Opens in two to three seconds; a clock that is ahead thinks that it is shut again, one that is behind that it stays shut for long.
  const opens = `(date_trunc('second', clock_timestamp()) + interval '3 seconds') at time zone 'UTC'`;
  const { rows } = await pool.query(
    `select to_char(${opens}, 'HH24:MI:SS') as opens, to_char(${opens} + interval '8 minutes', 'HH24:MI:SS') as closes`,
  );
  const id = await insertMailing(pool, { allowedFrom: rows[0].opens, allowedTo: rows[0].closes });
  expect(await finished(stage, id)).toMatchObject({ total: 50, sent: 50 });
  const [first] = await stage.requests();
  const { rows: opened } = await pool.query(`select extract(epoch from min(due_at))::float8 * 1000 as ms from message`);
  expect(first!.at).toBeGreaterThanOrEqual(opened[0].ms);
  await stage.judge();
}, 180_000);

test('FAULTS 17: workers whose clocks disagree take no lock, and no message, that another one holds', async () => {
  const stage = await setStage({ latency: { minMs: 200, maxMs: 400 } });
  await insertClients(stage.pool, 300);
  for (const minutes of [0, 10, -10]) {
    const worker = await stage.start('worker', { ...withClock(minutes, 0), concurrency: 8, timeoutMs: 5_000 });
    expect(await minutesOff(worker, 1)).toBe(minutes);
  }
  await insertMailing(stage.pool);
  await stage.drained();
  expect(await stage.requests()).toHaveLength(300);
  expect(await stage.count('select count(*)::int from message where uncertain')).toBe(0);
  await stage.judge();
}, 180_000);
