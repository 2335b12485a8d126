import { readFileSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { COLOURS } from '../letters/colours.js';
import { ProgressReader } from '../mailing/progress-reader.js';
import { beginLaunch, launchChunk } from '../sending/launch.js';
import { createTestApi, type TestApi } from '../testing/api.js';
import { insertClients, insertMailing } from '../testing/rows.js';
import { recordingLog } from '../testing/running-api.js';
import { type CountingParts, countDay, isWhole } from './count-day.js';
import type { DailyReportContent } from './daily-report.js';
import { readDay } from './report-days.js';
import { Tallies } from './tallies.js';
import { writeReport } from './write-report.js';

const ZONE = 'Asia/Kathmandu';
/** Kathmandu is 5:45 ahead: its day begins and ends at 18:15 UTC. */
const [BEFORE, BEGIN, NOON, END] = [
  '2026-05-09T18:14:59Z',
  '2026-05-09T18:15:00Z',
  '2026-05-10T06:00:00Z',
  '2026-05-10T18:15:00Z',
];
const CLIENTS = 7;

let api: TestApi;
let parts: CountingParts;
let first: string;
let second: string;
let report: DailyReportContent;

const sql = (text: string, ...values: unknown[]) => api.database.pool.query(text, values);

beforeAll(async () => {
  api = await createTestApi();
  const { pool } = api.database;
  const { log } = recordingLog();
  parts = { pool, progress: new ProgressReader(pool, log) };
  await insertClients(pool, CLIENTS);
  first = await launched('Spring sale for 8 (916) 123-45-67');
  second = await launched('Paused one');
  await setAll(first, [
    ['SENT', BEFORE],
    ['SENT', BEGIN],
    ['SENT', NOON],
    ['SENT', END],
    ['FAILED', NOON, 400, 'bad number 79161234567'],
    ['FAILED', NOON, 400, 'bad number 79161234567'],
    ['UNKNOWN', END, null, 'timed out'],
  ]);
  await setAll(second, [
    ['SENT', NOON],
    ['FAILED', NOON, 500, 'out of order'],
    ...Array.from({ length: 5 }, () => ['OPEN', NOON] as const),
  ]);
  await sql(`update mailing set status = 'COMPLETED', finished_at = $2 where id = $1`, first, END);
  await sql(`update mailing set status = 'PAUSED' where id = $1`, second);
  await sql('update mailing set launched_at = $1', BEFORE);
  await new Tallies(pool, log).refresh();
  report = await countDay(parts, await readDay(pool, '2026-05-10', ZONE), ZONE);
});
afterAll(() => api.close());

async function launched(name: string): Promise<string> {
  const { pool } = api.database;
  const id = await insertMailing(pool, { allowedFrom: '09:00', allowedTo: '21:00' });
  await beginLaunch(pool, id);
  await launchChunk(pool, id, () => 1_000);
  await sql('update mailing set name = $2, text = $3 where id = $1', id, name, 'the secret text');
  return id;
}

/** Gives a mailing's messages these statuses and moments, one after the other, and has the mailing count them. */
async function setAll(
  id: string,
  states: readonly (readonly [string, string, (number | null)?, string?])[],
): Promise<void> {
  const { rows } = await sql('select id from message where mailing_id = $1 order by id', id);
  for (const [at, [status, moment, code, reason]] of states.entries()) {
    await sql(
      `update message set status = $3, gateway_code = $4, reason = $5, created_at = $6, due_at = now() - interval '1 hour',
         sent_at = case when $3 = 'SENT' then $6::timestamptz end, attempt_ended_at = case when $3 <> 'OPEN' then $6::timestamptz end
       where mailing_id = $1 and id = $2`,
      id,
      rows[at].id,
      status,
      code ?? null,
      reason ?? null,
      moment,
    );
  }
  await sql(
    `update mailing g set (open, sent, failed, expired, cancelled, unknown) = (
       select count(*) filter (where status = 'OPEN'), count(*) filter (where status = 'SENT'), count(*) filter (where status = 'FAILED'), 0, 0,
         count(*) filter (where status = 'UNKNOWN') from message m where m.mailing_id = g.id) where id = $1`,
    id,
  );
}

describe("a day's report", () => {
  it('counts what statistics count of the same stretch of time, in all and of each mailing', async () => {
    const fields = 'total open sent failed expired cancelled unknown';
    const { statistics } = await api.run<{
      statistics: { messages: object; groups: { key: string; messages: object }[] };
    }>(
      `query ($from: DateTime!, $to: DateTime!) { statistics(period: { from: $from, to: $to }, groupBy: MAILING) {
         messages { ${fields} } groups { key messages { ${fields} } } } }`,
      { from: new Date(report.from).toISOString(), to: new Date(report.to).toISOString() },
    );
    expect(statistics.messages).toMatchObject({ total: 11, open: 5, sent: 3, failed: 3, unknown: 0 });
    expect({ ...report.messages }).toEqual(statistics.messages);
    expect(report.mailings.map(({ id, messages }) => ({ key: id, messages: { ...messages } }))).toEqual(
      statistics.groups,
    );
    expect([report.mailings.map(({ id }) => id), report.otherMailings, isWhole(report)]).toEqual([
      [second, first],
      0,
      true,
    ]);
  });

  it('tells failures by reason, what was sent of all that came to an end, and the same of the day before', async () => {
    const failures = report.mailings.map((mailing) =>
      mailing.failures.map((each) => [each.gatewayCode, each.reason, each.count]),
    );
    expect(failures).toEqual([[[500, 'out of order', 1]], [[400, 'bad number 79*****4567', 2]]]);
    expect([report.sentShare, report.sentShareBefore]).toEqual([3 / 6, 1]);
    const quiet = await countDay(parts, await readDay(api.database.pool, '2026-05-01', ZONE), ZONE);
    expect([quiet.sentShare, quiet.sentShareBefore, quiet.mailings]).toEqual([null, null, []]);
  });

  it('tells which mailings were not over, and what they wait for', () => {
    const [paused, over] = report.mailings;
    expect(paused).toMatchObject({
      isUnfinished: true,
      waiting: [{ reason: 'PAUSED', count: 5 }],
      overall: { open: 5 },
    });
    expect(over).toMatchObject({ isUnfinished: false, waiting: [], status: 'COMPLETED', allowedFrom: '09:00' });
  });

  it('knows that something is missing when a mailing has changed since it was counted in that day', async () => {
    await sql(`update mailing set version = version + 1 where id = $1`, first);
    await sql('update mailing_tally set at = $1', NOON);
    const later = await countDay(parts, await readDay(api.database.pool, '2026-05-10', ZONE), ZONE);
    expect([isWhole(later), new Date(later.asOf)]).toEqual([false, new Date(NOON)]);
    await sql('delete from mailing_tally where mailing_id = $1', second);
    const uncounted = await countDay(parts, await readDay(api.database.pool, '2026-05-10', ZONE), ZONE);
    expect([isWhole(uncounted), uncounted.uncountedMailings]).toEqual([false, 1]);
  });

  it('is written as text and as HTML that fetches nothing, with neither phones nor texts of messages in it', async () => {
    const { subject, html, text } = await writeReport({
      report,
      earlier: { day: '2026-05-09', total: 3, sent: 2 },
      publicUrl: 'https://hg.example.org',
    });
    expect(subject).toBe('Heliograph: 3 sent (50.0\u00a0%), Sun, 10 May 2026');
    for (const shown of [html, text]) {
      const plain = shown.replaceAll(/<!--.*?-->/g, '').replaceAll('&#x27;', "'");
      expect(plain).toContain('Sunday, 10 May 2026');
      expect(plain).toContain(
        '50.0\u00a0% of what came to an end was sent, 50.0 points less than the day before (100.0\u00a0%).',
      );
      expect(plain).toContain('Of the 3 letters with the report of Saturday, 9 May 2026, 1 may not have arrived.');
      expect(plain).toContain('Not over: It is paused (5 messages).');
      expect(plain).toContain('from 09:00 to 21:00 where each client lives');
      expect(plain).toContain('https://hg.example.org/reports?day=2026-05-10');
      expect(plain).toContain(`https://hg.example.org/mailings/${first}`);
      expect(plain).not.toMatch(/secret text|9161234567|\(916\)/);
      expect(plain).toContain('Spring sale for 79*****4567');
    }
    expect(html).not.toMatch(/<(img|script|link|iframe|form)\b|url\(|@import|javascript:/i);
    expect(html).toContain('color-scheme');
    const unlinked = await writeReport({ report, earlier: null, publicUrl: null });
    expect(unlinked.html + unlinked.text).not.toMatch(/href=|hg\.example/);
  });

  it('says nothing in markup of a name that is markup', async () => {
    const [mailing] = report.mailings;
    const named = { ...report, mailings: [{ ...mailing!, name: '<script>alert(1)</script>' }] };
    const { html } = await writeReport({ report: named, earlier: null, publicUrl: null });
    expect(html).not.toContain('<script');
    expect(html).toContain('&lt;script&gt;alert(1)&lt;/script&gt;');
  });

  it("is drawn in the dashboard's colours, light and dark", () => {
    const tokens = readFileSync(new URL('../../web/theme/tokens.css', import.meta.url), 'utf8');
    for (const [name, [light, dark]] of Object.entries(COLOURS)) {
      expect(tokens).toContain(`--${name}: light-dark(${light}, ${dark});`);
    }
  });
});
