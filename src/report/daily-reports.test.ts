import PostalMime from 'postal-mime';
import { afterEach, beforeEach, describe, expect, it, onTestFinished } from 'vitest';
import { tryPort } from '../platform/free-port.js';
import type { ReportSettings } from '../report-settings.js';
import type { JobHandler } from '../scheduler/scheduler.js';
import { type MailServer, type MailServerOptions, startMailServer } from '../testing/mail-server.js';
import { recordingLog } from '../testing/running-api.js';
import { createTestDatabase, type TestDatabase } from '../testing/test-database.js';
import { DailyReports } from './daily-reports.js';
import { ReportJobs } from './report.jobs.js';
import { earlierLetters, messageIdOf, sendAgain } from './report-letters.js';
import { countReportLetters } from './report-metrics.js';
import { reportParts } from './report-parts.js';

const TEAM = ['anna@example.org', 'boris@example.org', 'clara@example.org'];
const GATEWAY = { url: null, token: null, timeoutMs: 1_000, concurrency: 1, rateLimit: null };
const going = new AbortController().signal;

let database: TestDatabase;
beforeEach(async () => {
  database = await createTestDatabase();
});
afterEach(() => database.drop());

async function mailServer(options?: MailServerOptions): Promise<MailServer> {
  const server = await startMailServer(options);
  onTestFinished(() => server.close());
  return server;
}

/** What a worker makes reports with; its hour has come, whatever the time is. */
function worker(url: string, changes: Partial<ReportSettings> = {}) {
  const { log, logged } = recordingLog();
  const report = { recipients: TEAM, at: '00:00', timeZone: 'UTC', ...changes };
  const config = {
    report,
    mail: { url, from: 'robot@example.org' },
    publicUrl: 'https://hg.example.org',
    gateway: GATEWAY,
  };
  const reports = new DailyReports(reportParts({ config, pool: database.pool, log }));
  /** What the job does. */
  const work = async () => {
    await reports.bookDue();
    await reports.sendDue(going);
  };
  const haveSent = () => reports.haveSent(yesterday(), 'a person');
  /** What a sweep does, and the job that it rings for; how often it rings. */
  const sweep = async () => {
    let handle: JobHandler<'report.daily'> | undefined;
    const rung: object[] = [];
    const jobs = new ReportJobs({
      ...{ config, pool: database.pool, log },
      scheduler: {
        define(_, __, handler) {
          handle = handler as never;
        },
        ring: async (_, payload) => void rung.push(payload),
      },
    });
    jobs.define();
    await jobs.ringDue();
    for (const payload of rung) await handle!(payload as never, { signal: going, touch: async () => {} });
    return rung.length;
  };
  return { work, haveSent, sweep, logged };
}

const letters = async () =>
  (
    await database.pool.query(
      `select recipient, state, tries, problem, next_try_at - clock_timestamp() > interval '10 s' as waits from daily_report_letter order by day, recipient`,
    )
  ).rows;
const states = async () => (await letters()).map(({ state }) => state);
/** Makes the time for another try come. */
const passTime = () =>
  database.pool.query(
    `update daily_report_letter set next_try_at = clock_timestamp(), lease_until = lease_until - interval '1 hour'`,
  );
const yesterday = () => new Date(Date.now() - 86_400_000).toISOString().slice(0, 10);
/** A zone in which it is noon or so: what was due at midnight has been for hours. */
function zoneOfNoon(): string {
  const hours = 12 - new Date().getUTCHours();
  // Of these names the sign says how far Greenwich is ahead.
  return `Etc/GMT${hours > 0 ? '-' : '+'}${Math.abs(hours)}`;
}
const arrivedAt = ({ letters: arrived }: MailServer) => arrived.flatMap(({ to }) => to).toSorted();

describe('the daily report', () => {
  it('CLASSIC row 19: once a day an e-mail with the statistics goes to each recipient in the settings', async () => {
    const server = await mailServer();
    const { work } = worker(server.url);
    await work();
    await work();
    expect(arrivedAt(server)).toEqual(TEAM);
    expect(await states()).toEqual(['SENT', 'SENT', 'SENT']);
    for (const { raw, from, to } of server.letters) {
      const mail = await PostalMime.parse(raw);
      expect(mail.subject).toMatch(/^Heliograph: nothing was sent, /);
      expect(mail.messageId).toBe(messageIdOf(yesterday(), to[0]!, 'robot@example.org'));
      expect([from, mail.to]).toEqual(['robot@example.org', [{ name: '', address: to[0] }]]);
      expect(mail.text).toContain('No mailing had anything to do.');
      expect(mail.html).toContain('No mailing had anything to do.');
      expect(mail.text).toContain(`https://hg.example.org/reports?day=${yesterday()}`);
    }
  });

  it('is made and sent once by however many workers, and the next day once again', async () => {
    const server = await mailServer();
    const workers = Array.from({ length: 6 }, () => worker(server.url));
    await Promise.all(workers.map(({ work }) => work()));
    expect(arrivedAt(server)).toEqual(TEAM);
    await database.pool.query(`update daily_report_letter set give_up_at = clock_timestamp()`);
    await database.pool.query(
      `insert into daily_report select day - 1, time_zone, booked_at, booked_by, content, subject, html, text from daily_report`,
    );
    await database.pool.query(`update daily_report_letter set day = day - 1`);
    await database.pool.query(`delete from daily_report where day = $1`, [yesterday()]);
    await Promise.all(workers.map(({ work }) => work()));
    expect(arrivedAt(server)).toEqual([...TEAM, ...TEAM].toSorted());
  });

  it('FAULTS 24: a report is sent later, once, when the mail server is down at its hour', async () => {
    const port = await tryPort(0, '127.0.0.1');
    const { work, logged } = worker(`smtp://127.0.0.1:${port}`);
    await work();
    expect(await letters()).toEqual(
      TEAM.map((recipient) => ({
        recipient,
        state: 'WAITING',
        tries: 1,
        waits: true,
        problem: expect.stringMatching(/could not be spoken to/),
      })),
    );
    const server = await mailServer({ port });
    await work();
    expect(server.begun, 'not before its time').toBe(0);
    await passTime();
    await work();
    await work();
    expect(arrivedAt(server)).toEqual(TEAM);
    expect(logged()).not.toContain('anna');
  });

  it('waits longer after each try in vain, up to half an hour, and gives up when the next is due', async () => {
    const { work } = worker('smtp://127.0.0.1:1', { recipients: TEAM.slice(0, 1) });
    const waits: number[] = [];
    for (let tries = 0; tries < 9; tries += 1) {
      await work();
      const { rows } = await database.pool.query(
        `select extract(epoch from next_try_at - clock_timestamp())::float8 as s from daily_report_letter`,
      );
      waits.push(rows[0].s);
      await passTime();
    }
    expect(waits[0]).toBeGreaterThan(15);
    expect(waits[0]).toBeLessThan(40);
    expect(Math.max(...waits)).toBeLessThan(2_200);
    expect(waits.at(-1)).toBeGreaterThan(1_400);
    await database.pool.query('update daily_report_letter set give_up_at = clock_timestamp()');
    await work();
    expect(await states()).toEqual(['GIVEN_UP']);
  });

  it('reaches the others when one address is refused, which is not tried again', async () => {
    const server = await mailServer({ refuse: (to) => (to === TEAM[1] ? 550 : undefined) });
    const { work } = worker(server.url);
    await work();
    await passTime();
    await work();
    expect(arrivedAt(server)).toEqual([TEAM[0], TEAM[2]]);
    expect(await letters()).toContainEqual(expect.objectContaining({ recipient: TEAM[1], state: 'REFUSED', tries: 1 }));
  });

  it('is not sent to somebody who is a recipient no longer', async () => {
    const port = await tryPort(0, '127.0.0.1');
    await worker(`smtp://127.0.0.1:${port}`).work();
    await passTime();
    const server = await mailServer({ port });
    const { work, haveSent } = worker(server.url, { recipients: TEAM.slice(1) });
    await work();
    expect(arrivedAt(server)).toEqual(TEAM.slice(1));
    expect(await haveSent(), 'nor when a person has it sent again').toBe(0);
    const nobody = worker(server.url, { recipients: [] });
    await expect(nobody.haveSent()).rejects.toThrow('No recipients are set');
  });

  it('is judged when its process died in handing it over, also to somebody who is a recipient no longer', async () => {
    await worker((await mailServer()).url).work();
    await database.pool.query(
      `update daily_report_letter set state = 'HANDING_OVER', lease_until = clock_timestamp() where recipient < 'c'`,
    );
    for (const recipients of [TEAM.slice(2), []]) {
      const { sweep } = worker('smtp://127.0.0.1:1', { recipients });
      expect(await sweep()).toBe(1);
      expect(await states()).toEqual(['IN_DOUBT', 'IN_DOUBT', 'SENT']);
      expect(await sweep()).toBe(0);
      await database.pool.query(
        `update daily_report_letter set state = 'HANDING_OVER', lease_until = clock_timestamp() where state = 'IN_DOUBT'`,
      );
    }
  });

  it('somebody who is named after it was made gets the next one, and is not told of as missing meanwhile', async () => {
    const server = await mailServer();
    const settings = { recipients: TEAM, at: '00:00', timeZone: zoneOfNoon() };
    const counts = () => countReportLetters(database.pool, settings);
    expect(await counts()).toEqual({ sent: 0, failed: 0, waiting: 0, overdue: 3 });
    await worker(server.url, { ...settings, recipients: TEAM.slice(1) }).work();
    await worker(server.url, settings).work();
    expect(arrivedAt(server)).toEqual(TEAM.slice(1));
    expect(await counts()).toEqual({ sent: 2, failed: 0, waiting: 0, overdue: 0 });
  });

  it('is not sent again by itself when it may have arrived: it is said in the log and in the next one, and a person may', async () => {
    let answer: () => void = () => {};
    const answered = new Promise<void>((resolve) => {
      answer = resolve;
    });
    const server = await mailServer({ beforeAnswer: () => answered });
    const dying = worker(server.url, { recipients: TEAM.slice(0, 1) });
    const held = dying.work();
    await expect.poll(states).toEqual(['HANDING_OVER']);
    await expect.poll(() => server.letters.length).toBe(1);
    await passTime();
    const { work, logged } = worker(server.url, { recipients: TEAM.slice(0, 1) });
    await work();
    expect(await states()).toEqual(['IN_DOUBT']);
    expect(server.begun).toBe(1);
    expect(logged()).toMatch(/it is not known whether a daily report arrived/);
    expect(await earlierLetters(database.pool, '9999-12-31')).toEqual({ day: yesterday(), total: 1, sent: 0 });
    answer();
    await held;
    expect(await states(), 'who was taken for dead knows that it arrived').toEqual(['SENT']);
    expect(await sendAgain(database.pool, yesterday(), TEAM), 'what arrived is not sent again').toBe(0);
    await database.pool.query(`update daily_report_letter set state = 'IN_DOUBT'`);
    expect(await sendAgain(database.pool, yesterday(), TEAM)).toBe(1);
    await work();
    const ids = await Promise.all(server.letters.map(async ({ raw }) => (await PostalMime.parse(raw)).messageId));
    const id = messageIdOf(yesterday(), TEAM[0]!, 'robot@example.org');
    expect(ids, 'a program that sorts mail can tell').toEqual([id, id]);
  });

  it('writes no last line once somebody else has its letter', async () => {
    const server = await mailServer();
    const lock = await database.pool.connect();
    const stale = worker(server.url, { recipients: TEAM.slice(0, 1) });
    await worker('smtp://127.0.0.1:1', { recipients: TEAM.slice(0, 1) }).work();
    await passTime();
    await lock.query('begin');
    const working = stale.work();
    await expect.poll(states).toEqual(['SENDING']);
    await lock.query('update daily_report_letter set fence = fence + 1');
    await expect.poll(() => server.begun).toBe(1);
    await lock.query('commit');
    lock.release();
    await working;
    expect(server.letters).toEqual([]);
    expect(await states(), 'it stays with whoever has it').toEqual(['SENDING']);
  });
});
