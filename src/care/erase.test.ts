import { Readable } from 'node:stream';
import { text } from 'node:stream/consumers';
import { to as copyTo } from 'pg-copy-streams';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { importClients } from '../bulk/import-clients.js';
import { createTestApi, type TestApi } from '../testing/api.js';
import { insertMailing } from '../testing/rows.js';
import { eraseClient, eraseDeleted, erasePhone } from './erase.js';

const BY = { name: 'test' };
const PHONE = '79161234567';
const OTHER = '79167654321';

let api: TestApi;
beforeEach(async () => {
  api = await createTestApi();
});
afterEach(() => api.close());

const sql = (statement: string, values: unknown[] = []) => api.database.pool.query(statement, values);

/** Every row of every table, as COPY writes it. */
async function dump(): Promise<string> {
  const { rows } = await sql(`select tablename from pg_tables where schemaname = 'public' order by 1`);
  const client = await api.database.pool.connect();
  let all = '';
  for (const { tablename } of rows) all += await text(client.query(copyTo(`copy ${tablename} to stdout`)));
  client.release();
  return all;
}

/** Somebody with everything that a person leaves behind, another beside, and a mailing to both that goes on. */
async function life(): Promise<{ id: string; mailingId: string }> {
  const { rows } = await sql(
    `insert into client (phone, operator_code, tags, time_zone, attributes) values
       ($1, '916', '{vip-of-zelenograd}', 'Europe/Moscow', '{"name": "Yevpraksiya"}'), ($2, '916', '{}', 'Europe/Moscow', '{"name": "Pyotr"}')
     returning id`,
    [PHONE, OTHER],
  );
  const id: string = rows[0].id;
  await sql(
    `insert into client (phone, operator_code, tags, time_zone, attributes, deleted_at)
     values ($1, '916', '{formerly-of-zelenograd}', 'UTC', '{"name": "Yevpraksiya"}', now())`,
    [PHONE],
  );
  const mailingId = await insertMailing(api.database.pool, { status: 'RUNNING' });
  await sql(
    `update mailing set total = 2, open = 1, sent = 1, launched_at = now(), launch_completed_at = now() where id = $1`,
    [mailingId],
  );
  await sql(
    `insert into message (mailing_id, id, client_id, phone, time_zone, attributes, status, due_at, window_ends_at, plan, gateway_code, reason)
     select $1::bigint, 10000 + id, id, phone, time_zone, attributes, case when phone = $2 then 'OPEN' else 'SENT' end, now(), now() + interval '1 hour', 1, 503,
       'no route to ' || phone || ', dear ' || (attributes->>'name') from client where deleted_at is null`,
    [mailingId, PHONE],
  );
  await sql(
    `insert into message (mailing_id, id, client_id, kind, text, phone, time_zone, attributes, status, due_at, window_ends_at, plan)
     values ($1, 20000, null, 'TEST', 'Dear Yevpraksiya', $2, 'Europe/Moscow', '{"name": "Yevpraksiya"}', 'SENT', now(), now(), 1)`,
    [mailingId, PHONE],
  );
  await sql(`insert into message_range values (10000, 19999, $1, 'CAMPAIGN'), (20000, 20000, $1, 'TEST')`, [mailingId]);
  await sql(
    `insert into message_attempt select mailing_id, id, 1, now(), now(), 'retry', 503, reason from message where kind = 'CAMPAIGN'`,
  );
  await sql(`insert into client_job (kind, status, params, created_by, finished_at)
    values ('IMPORT', 'COMPLETED', '{}', 'admin', now()), ('TAG', 'COMPLETED', '{"filter": {"phone": "${PHONE}"}}', 'admin', now())`);
  await sql(
    `insert into client_job_row (job_id, line, cells, problems) select min(id), 2, '{"8 (916) 123-45-67","Yevpraksiya"}', '[]' from client_job`,
  );
  await sql(
    `insert into client_event (client_id, kind, by) values ($1, 'OPTED_OUT', 'admin'), ($1, 'OPTED_IN', 'admin')`,
    [id],
  );
  return { id, mailingId };
}

const erase = (id: string) =>
  api.run<{ clientErase: object }>(
    `mutation ($id: ID!) { clientErase(id: $id) { clients messages userErrors { code } } }`,
    { id },
  );

describe('erasing a person', () => {
  it('leaves nothing of them in the database, and of history all that is anonymous', async () => {
    const { id, mailingId } = await life();
    expect(await dump()).toContain(PHONE);
    expect(await erase(id)).toEqual({ clientErase: { clients: 2, messages: 2, userErrors: [] } });
    const left = await dump();
    for (const part of ['9161234567', '123-45-67', 'Yevpraksiya', 'zelenograd']) expect(left).not.toContain(part);
    // The other one has everything still.
    for (const part of [OTHER, 'dear Pyotr']) expect(left).toContain(part);
    const { rows } = await sql(
      `select status, phone, operator_code, c.time_zone from message m join client c on c.id = m.client_id
      where m.client_id = $1`.replace('status, phone', 'status, m.phone'),
      [id],
    );
    expect(rows).toEqual([{ status: 'OPEN', phone: '70000000000', operator_code: '916', time_zone: 'Europe/Moscow' }]);
    expect((await sql('select total, open, sent from mailing where id = $1', [mailingId])).rows).toEqual([
      { total: 2, open: 1, sent: 1 },
    ]);
    expect(
      (await sql('select kind from client_event where client_id = $1 order by id', [id])).rows.map(({ kind }) => kind),
    ).toEqual(['OPTED_OUT', 'OPTED_IN', 'DELETED']);
    // Asked again it looks for what is left; nobody brings such a client back.
    expect(await erase(id)).toEqual({ clientErase: { clients: 0, messages: 1, userErrors: [] } });
    const back = await api.run(`mutation ($id: ID!) { clientRestore(id: $id) { userErrors { code } } }`, { id });
    expect(back).toEqual({ clientRestore: { userErrors: [{ code: 'NOT_FOUND' }] } });
  });

  it('that is cut short at the lines of files begins anew when it is asked for again', async () => {
    const { id } = await life();
    await sql('alter table client_job_row rename to elsewhere');
    await expect(eraseClient(api.database.pool, id, BY)).rejects.toThrow();
    await sql('alter table elsewhere rename to client_job_row');
    expect(await eraseClient(api.database.pool, id, BY)).toMatchObject({ clients: 2 });
    expect(await dump()).not.toMatch(/9161234567|Yevpraksiya/);
  });

  it('keeps the opt-out of a phone for whoever comes with it, until that is taken back', async () => {
    await sql(
      `insert into client (phone, operator_code, time_zone, opted_out_at) values ($1, '916', 'UTC', '2026-01-01')`,
      [PHONE],
    );
    await sql(`insert into client (phone, operator_code, time_zone) values ($1, '916', 'UTC')`, [OTHER]);
    await erasePhone(api.database.pool, PHONE, BY);
    await erasePhone(api.database.pool, OTHER, BY);
    expect(await dump()).not.toMatch(/9161234567|9167654321/);
    await importClients(
      api.database.pool,
      Readable.from([Buffer.from(`phone,timeZone\n${PHONE},UTC\n${OTHER},UTC\n`)]),
    );
    const now = `select phone, opted_out_at::date::text as since from client where deleted_at is null order by phone`;
    expect((await sql(now)).rows).toEqual([
      { phone: PHONE, since: '2026-01-01' },
      { phone: OTHER, since: null },
    ]);
    // Who opts in again and is erased after that leaves no opt-out.
    await sql('update client set opted_out_at = null where phone = $1', [PHONE]);
    await erasePhone(api.database.pool, PHONE, BY);
    await importClients(api.database.pool, Readable.from([Buffer.from(`phone,timeZone\n${PHONE},UTC\n`)]));
    expect((await sql(now)).rows[0]).toEqual({ phone: PHONE, since: null });
    expect((await sql('select from erased_phone')).rowCount).toBe(0);
  });

  it('takes clients that were deleted long ago, and leaves the others', async () => {
    await sql(
      `insert into client (phone, operator_code, time_zone, opted_out_at, deleted_at) values
      ($1, '916', 'UTC', null, now() - interval '200 days'), ($1, '916', 'UTC', now(), now() - interval '100 days'), ($2, '916', 'UTC', null, now() - interval '10 days')`,
      [PHONE, OTHER],
    );
    expect(await eraseDeleted(api.database.pool, 90, BY)).toMatchObject({ clients: 2 });
    const left = await dump();
    expect([left.includes(PHONE), left.includes(OTHER)]).toEqual([false, true]);
    // What was said last of the phone counts.
    expect((await sql('select from erased_phone')).rowCount).toBe(1);
  });

  it('waits for a launch that read the client before', async () => {
    const { id, mailingId } = await life();
    await sql('delete from message');
    await sql('delete from message_attempt');
    const launch = await api.database.pool.connect();
    await launch.query('begin');
    await launch.query('select from client');
    const erasing = erase(id);
    const isErased = `select from client where id = $1 and erased_at is not null`;
    await expect.poll(async () => (await sql(isErased, [id])).rowCount).toBe(1);
    // What it read before.
    await launch.query(
      `insert into message (mailing_id, id, client_id, phone, time_zone, attributes, status, due_at, window_ends_at, plan)
       values ($1, 10500, $2, $3, 'UTC', '{}', 'OPEN', now(), now(), 1)`,
      [mailingId, id, PHONE],
    );
    await launch.query('commit');
    launch.release();
    await erasing;
    expect(await dump()).not.toContain(PHONE);
  });
});
