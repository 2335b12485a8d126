import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { LIVING_LINKS } from '../report/report-links.js';
import { post } from '../testing/people.js';
import { insertMailing } from '../testing/rows.js';
import { type Answer, type RunningApi, send, startApi } from '../testing/running-api.js';

let running: RunningApi;
let mailingId: string;
beforeAll(async () => {
  running = await startApi();
});
afterAll(() => running.close());
beforeEach(async () => {
  await running.database.pool.query('delete from sign_in_limit');
  mailingId = await insertMailing(running.database.pool, { text: 'canary words', status: 'RUNNING' });
  await running.database.pool.query(
    `update mailing set name = 'Autumn, ask 8 (999) 888-77-66', total = 10, sent = 7, failed = 2, unknown = 1,
       launched_at = clock_timestamp() where id = $1`,
    [mailingId],
  );
});

const CREATE = `mutation ($id: ID!, $expiresAt: DateTime) { mailingReportLinkCreate(id: $id, expiresAt: $expiresAt) {
  link reportLink { id expiresAt createdBy revokedAt lastUsedAt } mailing { id } userErrors { field message code } } }`;
const REVOKE = `mutation ($id: ID!) { mailingReportLinkRevoke(linkId: $id) {
  reportLink { id revokedAt } mailing { id } userErrors { field code } } }`;
const LIST =
  'query ($id: ID!) { mailing(id: $id) { reportLinks { id createdAt createdBy expiresAt revokedAt lastUsedAt } } }';

async function create(expiresAt: string | null = null) {
  return (await running.ask(CREATE, { id: mailingId, expiresAt })).body.data.mailingReportLinkCreate;
}

/** A link just made: the secret behind its #, and its row's id. */
async function madeLink(): Promise<{ secret: string; id: string }> {
  const { link, reportLink } = await create();
  return { secret: new URL(link).hash.slice(1), id: reportLink.id };
}

const read = (secret: string, headers: Record<string, string> = {}): Promise<Answer> =>
  post(`${running.url}/report`, { secret }, headers);
const change = (sql: string, id: string) => running.database.pool.query(sql, [id]);

describe('a link to a report', () => {
  it('shows who has it how the mailing goes, and nothing of people, of its text or of who made it', async () => {
    const { secret } = await madeLink();
    const { status, headers, body } = await read(secret);
    expect([status, headers.get('cache-control')]).toEqual([200, 'no-store']);
    const { startsAt, endsAt, launchedAt, asOf, linkExpiresAt, ...rest } = body;
    expect(rest).toEqual({
      ...{ name: 'Autumn, ask 79*****7766', status: 'RUNNING', finishedAt: null, ratePerSecond: 0, eta: null },
      ...{ total: 10, open: 0, sent: 7, failed: 2, expired: 0, cancelled: 0, unknown: 1 },
    });
    for (const at of [startsAt, endsAt, launchedAt, asOf, linkExpiresAt]) expect(Date.parse(at)).not.toBeNaN();
  });

  it('is made for thirty days, with its secret behind the #, and kept as a hash only', async () => {
    const { link, reportLink, userErrors } = await create();
    expect(userErrors).toEqual([]);
    expect(link).toMatch(new RegExp(`^${running.url}/report#[\\w-]{43}$`));
    expect(Math.round((Date.parse(reportLink.expiresAt) - Date.now()) / 86_400_000)).toBe(30);
    const secret = new URL(link).hash.slice(1);
    await read(secret);
    const { rows } = await running.database.pool.query('select * from report_link');
    expect(JSON.stringify(rows)).not.toContain(secret);
    expect(running.logged()).not.toContain(secret);
  });

  it('opens nothing once it is revoked or has expired, or its mailing was deleted, nor when it is made up, all in the same words', async () => {
    const [revoked, expired, orphan] = [await madeLink(), await madeLink(), await madeLink()];
    await running.ask(REVOKE, { id: revoked.id });
    await change('update report_link set expires_at = clock_timestamp() where id = $1', expired.id);
    const { secret } = orphan;
    const wrong = secret.slice(0, -2) + (secret.endsWith('AA') ? 'BB' : 'AA');
    const before = [revoked.secret, expired.secret, wrong, 'nonsense', ''];
    const answers = await Promise.all(before.map((each) => read(each)));
    await change('update mailing set deleted_at = clock_timestamp() where id = $1', mailingId);
    answers.push(await read(orphan.secret));
    for (const { status, text } of answers) expect([status, text]).toEqual([404, answers[0]?.text]);
  });

  it('tells in the list of the mailing when it was last used, to the minute, and by whom it was made', async () => {
    const { secret, id } = await madeLink();
    const listed = async () => (await running.ask(LIST, { id: mailingId })).body.data.mailing.reportLinks;
    expect(await listed()).toMatchObject([{ id, createdBy: 'admin', revokedAt: null, lastUsedAt: null }]);
    await read(secret);
    const [{ lastUsedAt }] = await listed();
    expect(Date.now() - Date.parse(lastUsedAt)).toBeLessThan(60_000);
    await read(secret);
    expect((await listed())[0].lastUsedAt).toBe(lastUsedAt);
    await change(`update report_link set last_used_at = last_used_at - interval '61 seconds' where id = $1`, id);
    await read(secret);
    expect(Date.parse((await listed())[0].lastUsedAt)).toBeGreaterThan(Date.parse(lastUsedAt));
  });

  it('is not found by guessing: after so many tries from one address the next has to wait, whoever it says it is', async () => {
    const { secret } = await madeLink();
    const tries = Array.from({ length: 100 }, (_, n) => read(`${n}`, { 'x-forwarded-for': `192.0.2.${n}` }));
    const statuses = (await Promise.all(tries)).map(({ status }) => status);
    expect(statuses.filter((status) => status === 404)).toHaveLength(60);
    const { status, headers, body } = await read(secret);
    expect([status, body.errors[0].extensions.code]).toEqual([429, 'RATE_LIMITED']);
    expect(Number(headers.get('retry-after'))).toBeGreaterThan(0);
  });

  it('costs a screen that shows it for hours no tries', async () => {
    const { secret } = await madeLink();
    for (let n = 0; n < 7; n++) {
      const answers = await Promise.all(Array.from({ length: 10 }, () => read(secret)));
      expect(answers.map(({ status }) => status)).toEqual(Array.from({ length: 10 }, () => 200));
    }
  });

  it.each([
    ['no secret', {}, 'secret'],
    ['a secret that is no text', { secret: 7 }, 'secret'],
    ['a secret that is far too long', { secret: 'x'.repeat(101) }, 'secret'],
    ['more than a secret', { secret: 'x', id: '1' }, 'id'],
  ])('is answered with what to mend where it comes as %s', async (_what, given, field) => {
    const { status, body } = await post(`${running.url}/report`, given);
    expect([status, body.errors[0].extensions]).toEqual([400, { code: 'BAD_USER_INPUT', field }]);
  });

  it('is not read by what a form of another site can send', async () => {
    const { secret } = await madeLink();
    const body = JSON.stringify({ secret });
    const init = { method: 'POST', headers: { 'content-type': 'text/plain' }, body };
    expect((await send(`${running.url}/report`, init)).status).toBe(415);
  });
});

describe('making and revoking a link', () => {
  it.each([
    ['an end that has passed', '2020-01-01T00:00:00Z', 'expiresAt must be in the future.'],
    ['an end that is years away', '2199-01-01T00:00:00Z', 'expiresAt must be within 366 days.'],
    ['an end that is no moment', 'tomorrow', /^expiresAt must be a moment/],
  ])('is refused with %s', async (_what, expiresAt, message) => {
    const { link, reportLink, userErrors } = await create(expiresAt);
    expect([link, reportLink]).toEqual([null, null]);
    expect(userErrors).toEqual([
      { field: 'expiresAt', message: expect.stringMatching(message), code: 'BAD_USER_INPUT' },
    ]);
  });

  it('is refused beyond so many that hold at once, and goes on when one of them is over', async () => {
    const first = await madeLink();
    for (let n = 1; n < LIVING_LINKS; n++) await madeLink();
    expect((await create()).userErrors).toMatchObject([{ code: 'CONFLICT' }]);
    await running.ask(REVOKE, { id: first.id });
    expect((await create()).userErrors).toEqual([]);
  });

  it('keeps the date of the first time when a link is revoked again, and knows no link that is not there', async () => {
    const { id } = await madeLink();
    const revoke = async (link: string) => (await running.ask(REVOKE, { id: link })).body.data.mailingReportLinkRevoke;
    const first = await revoke(id);
    expect(first).toMatchObject({ mailing: { id: mailingId }, reportLink: { revokedAt: expect.any(String) } });
    expect(await revoke(id)).toEqual(first);
    for (const none of ['999999', 'x', '']) {
      expect((await revoke(none)).userErrors).toEqual([{ field: 'linkId', code: 'NOT_FOUND' }]);
    }
  });

  it('is in the audit log, as done to the mailing', async () => {
    const { id } = await madeLink();
    await running.ask(REVOKE, { id });
    const { rows } = await running.database.pool.query(
      `select action, outcome, subject_kind as kind, details->'fields' as fields from audit_event
       where subject_kind = 'mailing' and subject_id = $1 order by id`,
      [mailingId],
    );
    expect(rows).toEqual([
      { action: 'mailingReportLinkCreate', outcome: 'DONE', kind: 'mailing', fields: ['expiresAt', 'id'] },
      { action: 'mailingReportLinkRevoke', outcome: 'DONE', kind: 'mailing', fields: ['linkId'] },
    ]);
  });
});
