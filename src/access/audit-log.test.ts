import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { AppError, type ErrorCode } from '../errors.js';
import { makeToken, type Person, signedIn } from '../testing/credentials.js';
import { LiveSocket } from '../testing/live-socket.js';
import { rest } from '../testing/rest.js';
import { type Answer, type RunningApi, recordingLog, startApi } from '../testing/running-api.js';
import { AuditOutcome } from './audit-event.js';
import { AuditLog } from './audit-log.js';

const CREATE = 'mutation ($input: ClientInput!) { clientCreate(input: $input) { client { id } userErrors { field } } }';
const AUDIT = `query ($filter: AuditFilterInput, $first: Int, $after: String) {
  auditEvents(filter: $filter, first: $first, after: $after) {
    totalCount pageInfo { endCursor hasNextPage }
    edges { node { at actor actorId action subjectKind subjectId outcome details ip } } } }`;

let running: RunningApi;
let operator: Person;
beforeAll(async () => {
  running = await startApi();
  operator = await signedIn(running, 'operator');
});
afterAll(() => running.close());

interface Row {
  at: string;
  actor: string;
  actorId: string;
  action: string;
  subjectKind: string;
  subjectId: string;
  outcome: string | null;
  details: object;
  ip: string;
}

async function audit(filter: object = {}): Promise<Row[]> {
  const { body } = await running.ask(AUDIT, { filter, first: 100 });
  return body.data.auditEvents.edges.map(({ node }: { node: Row }) => node);
}

describe('the audit log', () => {
  it('has a row for each mutation with who, what, which and from where, and no value that was given', async () => {
    const input = { phone: '79161234567', timeZone: 'Europe/Moscow', attributes: { name: 'Canary' } };
    const { body } = await running.ask(CREATE, { input }, operator.headers);
    const { id } = body.data.clientCreate.client;
    await running.ask('mutation ($id: ID!) { clientDelete(id: $id) { client { id } } }', { id }, operator.headers);
    const rows = await audit({ actor: `user:${operator.email}`, subjectKind: 'client' });
    const who = { actor: `user:${operator.email}`, actorId: `user:${operator.id}`, ip: '127.0.0.1' };
    expect(rows).toEqual([
      {
        ...who,
        at: expect.any(String),
        action: 'clientDelete',
        subjectKind: 'client',
        subjectId: id,
        outcome: 'DONE',
        details: { fields: ['id'] },
      },
      {
        ...who,
        at: expect.any(String),
        action: 'clientCreate',
        subjectKind: 'client',
        subjectId: id,
        outcome: 'DONE',
        details: { fields: ['input.phone', 'input.timeZone', 'input.attributes'] },
      },
    ]);
    expect(JSON.stringify(rows)).not.toMatch(/79161234567|Canary/);
  });

  it('tells what was refused from what was done, also over a WebSocket, and leaves out what nobody was let do', async () => {
    const { id, secret, headers } = await makeToken(running, ['clients:write'], operator.headers);
    const live = await LiveSocket.admitted(running.url, secret);
    live.subscribe('1', CREATE, { input: { phone: 'nonsense', timeZone: 'Europe/Moscow' } });
    expect((await live.next('1')).payload.data.clientCreate.client).toBeNull();
    await live.close();
    await running.ask('mutation { sendingStop { sending { stopped } } }', {}, headers);
    const rows = await audit({ actor: `token:${id}` });
    expect(rows.map(({ action, outcome }) => [action, outcome])).toEqual([['clientCreate', 'REFUSED']]);
  });

  it('has a row for each request by REST that changes something, under the name of the mutation', async () => {
    const client = (await rest(running, 'POST', 'clients', { phone: '79160000001', timeZone: 'Asia/Omsk' })).body;
    await rest(running, 'PATCH', `clients/${client.id}`, { tags: ['a'], '79161234567': 1 });
    await rest(running, 'GET', `clients/${client.id}`);
    await rest(running, 'DELETE', `clients/${client.id}`);
    const rows = await audit({ subjectKind: 'client', subjectId: client.id });
    expect(rows.map(({ action, outcome, details }) => [action, outcome, details])).toEqual([
      ['clientDelete', 'DONE', { fields: [] }],
      ['clientUpdate', 'REFUSED', { fields: ['tags'] }],
      ['clientCreate', 'DONE', { fields: ['phone', 'timeZone'] }],
    ]);
  });

  it('says of a copy what it is a copy of', async () => {
    const times = { startsAt: '2030-01-01T00:00:00Z', endsAt: '2030-01-02T00:00:00Z' };
    const make = 'mutation ($input: MailingInput!) { mailingCreate(input: $input) { mailing { id } } }';
    const first = (await running.ask(make, { input: { name: 'a', text: 'b', ...times } })).body.data.mailingCreate
      .mailing;
    const copy = 'mutation ($id: ID!) { mailingDuplicate(id: $id) { mailing { id } } }';
    const second = (await running.ask(copy, first)).body.data.mailingDuplicate.mailing;
    const [row] = await audit({ action: 'mailingDuplicate' });
    expect(row).toMatchObject({ subjectId: second.id, details: { fields: ['id'], of: first.id } });
  });

  it('tells jobs from clients, and a test send from its mailing, whichever way they were asked for', async () => {
    const file = 'phone,time_zone\n79160000009,Asia/Omsk\n';
    const job = (await rest(running, 'POST', 'clients/import', file, { 'content-type': 'text/csv' })).body;
    await running.ask('mutation ($id: ID!) { clientJobCancel(id: $id) { job { id } } }', { id: job.id });
    const rows = await audit({ subjectKind: 'clientJob', subjectId: job.id });
    expect(rows.map(({ action }) => action)).toEqual(['clientJobCancel', 'clientsImport']);
    const tag =
      'mutation { clientsTag(filter: { tagsAny: ["a"] }, tags: ["b"]) { job { id } userErrors { message } } }';
    const tagged = (await running.ask(tag)).body.data.clientsTag.job;
    expect((await audit({ subjectKind: 'clientJob', subjectId: tagged.id }))[0]?.action).toBe('clientsTag');

    const times = { startsAt: '2030-01-01T00:00:00Z', endsAt: '2030-01-02T00:00:00Z' };
    const mailing = (await rest(running, 'POST', 'mailings', { name: 'a', text: 'b', ...times })).body;
    const sent = await rest(running, 'POST', `mailings/${mailing.id}/test-send`, { phone: '79160000009' });
    expect(sent.status).toBe(201);
    expect((await audit({ action: 'mailingSendTest' }))[0]).toMatchObject({ subjectId: mailing.id });
  });

  it('is filtered by action, subject and period, and read page by page', async () => {
    const [made] = await audit({ action: 'clientCreate', actor: `user:${operator.id}` });
    const { at, subjectId } = made!;
    const times = async (filter: object) => (await audit(filter)).length;
    expect(await times({ subjectKind: 'client', subjectId })).toBe(2);
    expect(await times({ subjectKind: 'mailing', subjectId: 'nothing' })).toBe(0);
    expect(await times({ action: 'clientCreate', period: { from: at } })).toBe(3);
    expect(await times({ action: 'clientCreate', period: { to: at } })).toBe(0);
    const all = await audit();
    const pages: unknown[] = [];
    for (let after: string | null = null; ; ) {
      const answer: Answer = await running.ask(AUDIT, { first: 2, after });
      const { auditEvents } = answer.body.data;
      expect(auditEvents.totalCount).toBe(all.length);
      pages.push(...auditEvents.edges);
      if (!auditEvents.pageInfo.hasNextPage) break;
      after = auditEvents.pageInfo.endCursor;
    }
    expect(pages.map((edge) => (edge as { node: Row }).node)).toEqual(all);
  });

  it('is for those who hold access:admin, and names the field of a filter that is wrong', async () => {
    const refused = await running.ask(AUDIT, {}, operator.headers);
    expect(refused.body.errors[0].extensions.code).toBe('FORBIDDEN');
    const wrong = await running.ask(AUDIT, { filter: { period: { from: 'noon' } } });
    expect(wrong.body.errors[0].extensions).toMatchObject({ code: 'BAD_USER_INPUT', field: 'filter.period.from' });
  });

  it('does not say of what may have been done that it was refused: an account is there when its letter was not taken', async () => {
    const audit = new AuditLog(running.database.pool, recordingLog().log);
    const parts = { subjectKind: 'user', subjectId: null, fields: [], ip: null };
    const outcomeOf = async (code: ErrorCode) => {
      const act = { actor: { id: 'admin', name: 'admin' }, action: `user${code}`, ...parts };
      const work = () => Promise.reject(new AppError(code, 'No.'));
      await expect(audit.around(act, work, () => ({ outcome: AuditOutcome.DONE }))).rejects.toMatchObject({ code });
      const { rows } = await running.database.pool.query('select outcome from audit_event where action = $1', [
        act.action,
      ]);
      return rows[0].outcome;
    };
    expect(await outcomeOf('FORBIDDEN')).toBe('REFUSED');
    expect(await outcomeOf('UNAVAILABLE')).toBe('FAILED');
  });

  it('keeps what can not be written down from being done', async () => {
    const pool = running.database.pool;
    await pool.query('alter table audit_event rename to elsewhere');
    try {
      const { body } = await running.ask('mutation { sendingStop { sending { stopped } } }');
      expect(body.errors[0].extensions.code).toBe('INTERNAL_SERVER_ERROR');
    } finally {
      await pool.query('alter table elsewhere rename to audit_event');
    }
    expect((await running.ask('{ sending { stopped } }')).body.data.sending.stopped).toBe(false);
  });
});
