import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import PostalMime from 'postal-mime';
import { expect, onTestFinished, test } from 'vitest';
import type { ChildProgram } from '../testing/child-program.js';
import { startMailServer } from '../testing/mail-server.js';
import { startProgram } from '../testing/program.js';
import { createTestDatabase } from '../testing/test-database.js';

/** Whoever is about to write the last line of a letter waits for a lock that the test has. */
const HOLD = `
  create function hold_last_line() returns trigger language plpgsql as $$
  begin
    if new.state = 'HANDING_OVER' then perform pg_advisory_xact_lock(42); end if;
    return new;
  end $$;
  create trigger hold_last_line before update on daily_report_letter for each row execute function hold_last_line()`;
/** As it would by itself, but only after a minute or ten. */
const END_LEASE = 'update daily_report_letter set lease_until = clock_timestamp() where lease_until is not null';

async function setUp() {
  const answers = Promise.withResolvers<void>();
  const server = await startMailServer({ beforeAnswer: () => answers.promise });
  const database = await createTestDatabase();
  const dir = await mkdtemp(join(tmpdir(), 'heliograph-report-'));
  const workers: ChildProgram[] = [];
  onTestFinished(async () => {
    for (const worker of workers) worker.kill('SIGKILL');
    await Promise.all(workers.map((worker) => worker.ended));
    answers.resolve();
    await server.close();
    await rm(dir, { recursive: true });
    await database.dropOnceLeft();
  });
  /** A worker as it is shipped, whose report is due: midnight was. */
  const start = async () => {
    const recipients = { REPORT_RECIPIENTS: 'boss@example.org', REPORT_AT: '00:00' };
    const env = { SMTP_URL: server.url, MAIL_FROM: 'robot@example.org', ...recipients };
    const worker = await startProgram({ role: 'worker', databaseUrl: database.url, dir, gatewayUrl: null, env });
    workers.push(worker);
    return worker;
  };
  const kill = async (worker: ChildProgram) => {
    worker.kill('SIGKILL');
    await worker.ended;
  };
  const letter = async () => (await database.pool.query('select state, tries from daily_report_letter')).rows[0];
  return { server, database, start, kill, letter };
}

test('a worker is killed in mid-letter, and the next while its letter waits for an answer: the report arrives exactly once', async () => {
  const { server, database, start, kill, letter } = await setUp();
  const { pool } = database;
  await pool.query(HOLD);
  const holder = await pool.connect();
  await holder.query('select pg_advisory_lock(42)');

  const first = await start();
  await expect
    .poll(async () => (await pool.query(`select from pg_locks where locktype = 'advisory' and not granted`)).rowCount)
    .toBe(1);
  expect([server.begun, server.letters.length], 'the mail server has all of it but the last line').toEqual([1, 0]);
  await kill(first);
  // The database may notice before the lock is free, or after: here it does before.
  await pool.query(`select pg_terminate_backend(pid) from pg_locks where locktype = 'advisory' and not granted`);
  await holder.query('select pg_advisory_unlock(42)');
  holder.release();
  expect(await letter()).toEqual({ state: 'SENDING', tries: 1 });
  await pool.query(END_LEASE);

  const second = await start();
  await expect.poll(() => server.letters.length).toBe(1);
  expect(await letter()).toEqual({ state: 'HANDING_OVER', tries: 2 });
  await kill(second);
  await pool.query(END_LEASE);

  const third = await start();
  await expect.poll(letter).toEqual({ state: 'IN_DOUBT', tries: 2 });
  await third.saying(/it is not known whether a daily report arrived/);
  await kill(third);
  expect([server.begun, server.letters.length]).toEqual([2, 1]);
  const mail = await PostalMime.parse(server.letters[0]!.raw);
  expect(mail.subject).toMatch(/^Heliograph: nothing was sent, /);
  expect((await pool.query('select count(*)::int as count from daily_report')).rows).toEqual([{ count: 1 }]);
}, 120_000);
