import PostalMime from 'postal-mime';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type MailServer, startMailServer } from '../testing/mail-server.js';
import { addPerson, cookieOf, signIn } from '../testing/people.js';
import { type RunningApi, startApi } from '../testing/running-api.js';

const DAY_MS = 86_400_000;
const dayAgo = (days: number) => new Date(Date.now() - days * DAY_MS).toISOString().slice(0, 10);

let server: MailServer;
let running: RunningApi;
let viewer: Record<string, string>;
beforeAll(async () => {
  server = await startMailServer();
  const report = { recipients: ['boss@example.org', 'team@example.org'], at: '08:00', timeZone: 'UTC' };
  const mail = { url: server.url, from: 'robot@example.org' };
  running = await startApi({ config: { report, mail, publicUrl: 'https://hg.example.org' } });
  await addPerson(running, 'vera@example.org', 'viewer');
  viewer = { cookie: cookieOf(await signIn(running, 'vera@example.org')), origin: 'https://hg.example.org' };
});
afterAll(async () => {
  await running.close();
  await server.close();
});

const ask = async (query: string, headers?: Record<string, string>) => (await running.ask(query, {}, headers)).body;

describe('the report of a day', () => {
  it('is counted when it is asked for, until it is sent; from then on it is told as it was sent', async () => {
    const query = `{ dailyReport(date: "${dayAgo(1)}") { id bookedAt subject text html mailings { id } messages { total } letters { state } } }`;
    const { dailyReport } = (await ask(query)).data;
    expect(dailyReport).toMatchObject({
      id: dayAgo(1),
      bookedAt: null,
      mailings: [],
      messages: { total: 0 },
      letters: [],
    });
    expect(dailyReport.html).toContain('<html');
    const sent = await ask(
      `mutation { dailyReportSend(date: "${dayAgo(1)}") { letterCount dailyReport { letters { recipient state } } userErrors { message } } }`,
    );
    expect(sent.data.dailyReportSend).toMatchObject({
      letterCount: 2,
      dailyReport: {
        letters: [{ recipient: 'boss@example.org', state: 'WAITING' }, { recipient: 'team@example.org' }],
      },
      userErrors: [],
    });
    expect(running.rings).toContainEqual({ name: 'report.daily', payload: {} });
    await running.database.pool.query(`update daily_report set subject = 'As it was sent'`);
    expect((await ask(query)).data.dailyReport).toMatchObject({
      subject: 'As it was sent',
      bookedAt: expect.any(String),
    });
  });

  it('is in the list of those that were sent, newest first', async () => {
    await ask(`mutation { dailyReportSend(date: "${dayAgo(3)}") { letterCount } }`);
    const page = (after: string) =>
      ask(
        `{ dailyReports(first: 1${after}) { totalCount edges { cursor node { id bookedBy sentShare messages { sent } letters { state } } } pageInfo { hasNextPage } } }`,
      );
    const { data } = await page('');
    expect(data.dailyReports).toMatchObject({
      totalCount: 2,
      edges: [
        { node: { id: dayAgo(1), bookedBy: 'admin', sentShare: null, messages: { sent: 0 }, letters: [{}, {}] } },
      ],
      pageInfo: { hasNextPage: true },
    });
    const next = (await page(`, after: "${data.dailyReports.edges[0].cursor}"`)).data.dailyReports;
    expect([next.edges[0].node.id, next.pageInfo.hasNextPage]).toEqual([dayAgo(3), false]);
  });

  it('says when the next is sent, and to how many', async () => {
    const { dailyReportPlan } = (await ask('{ dailyReportPlan { at timeZone recipientCount canMail nextAt } }')).data;
    expect(dailyReportPlan).toMatchObject({ at: '08:00', timeZone: 'UTC', recipientCount: 2, canMail: true });
    expect(Date.parse(dailyReportPlan.nextAt)).toBeGreaterThan(Date.now());
    expect(dailyReportPlan.nextAt).toMatch(/T08:00:00/);
  });

  it('is sent to whoever asks, to the e-mail of their account and to nobody else, a few times in a row', async () => {
    const send = () =>
      ask(`mutation { dailyReportSendToMe(date: "${dayAgo(1)}") { letterCount userErrors { message } } }`, viewer);
    expect((await send()).data.dailyReportSendToMe).toEqual({ letterCount: 1, userErrors: [] });
    expect(server.letters.map(({ to }) => to)).toEqual([['vera@example.org']]);
    expect((await PostalMime.parse(server.letters[0]!.raw)).subject).toBe('As it was sent');
    for (let more = 0; more < 4; more += 1) await send();
    expect((await send()).errors[0].extensions.code).toBe('RATE_LIMITED');
    const nobody = await ask(`mutation { dailyReportSendToMe(date: "${dayAgo(1)}") { userErrors { code message } } }`);
    expect(nobody.data.dailyReportSendToMe.userErrors).toEqual([
      { code: 'CONFLICT', message: expect.stringContaining('account') },
    ]);
  });

  it('hides its recipients from those who do not look after users, and lets only those who do send it to all', async () => {
    const { errors } = await ask(`{ dailyReport(date: "${dayAgo(1)}") { letters { recipient } } }`, viewer);
    expect(errors[0].extensions.code).toBe('FORBIDDEN');
    const open = await ask(`{ dailyReport(date: "${dayAgo(1)}") { letters { state problem messageId } } }`, viewer);
    expect(JSON.stringify(open.data)).not.toMatch(/boss|team@/);
    const sending = await ask(`mutation { dailyReportSend(date: "${dayAgo(1)}") { letterCount } }`, viewer);
    expect(sending.errors[0].extensions.code).toBe('FORBIDDEN');
  });

  it.each([
    ['yesterday', 'must be a date'],
    ['2026-02-30', 'must be a date'],
    ['1969-12-31', 'before 1970'],
    ['9999-01-01', 'future'],
  ])('of %s is refused by its field', async (date, words) => {
    const { errors } = await ask(`{ dailyReport(date: "${date}") { id } }`);
    expect(errors[0]).toMatchObject({
      message: expect.stringContaining(words),
      extensions: { code: 'BAD_USER_INPUT', field: 'date' },
    });
    const { data } = await ask(`mutation { dailyReportSend(date: "${date}") { userErrors { field } } }`);
    expect(data.dailyReportSend.userErrors).toEqual([{ field: 'date' }]);
  });

  it('can not be sent of a day that is not over', async () => {
    const { data } = await ask(`mutation { dailyReportSend(date: "${dayAgo(0)}") { userErrors { message } } }`);
    expect(data.dailyReportSend.userErrors).toEqual([{ message: 'date is not over yet.' }]);
  });
});
