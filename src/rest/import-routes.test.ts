import { connect } from 'node:net';
import { Readable } from 'node:stream';
import { gzipSync } from 'node:zlib';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { LiveSocket } from '../testing/live-socket.js';
import { rest } from '../testing/rest.js';
import { ADMIN_TOKEN, type Answer, type RunningApi, startApi } from '../testing/running-api.js';
import { startWorker } from '../testing/start-worker.js';

const MAX_BYTES = 300_000;
const CSV = { 'content-type': 'text/csv' };

let running: RunningApi;
let stopWorker: () => Promise<void>;
beforeAll(async () => {
  running = await startApi({ config: { importMaxBytes: MAX_BYTES } });
  stopWorker = await startWorker({ databaseUrl: running.database.url, gatewayUrl: 'http://127.0.0.1:1' });
});
afterAll(async () => {
  await stopWorker();
  await running.close();
});
beforeEach(() => running.database.pool.query('truncate client, client_job, client_job_row restart identity cascade'));

const upload = (csv: string, query = '', headers: Record<string, string> = {}): Promise<Answer> =>
  rest(running, 'POST', `clients/import${query}`, csv, { ...CSV, ...headers });

async function finished(id: string): Promise<Answer['body']> {
  const look = async () => (await rest(running, 'GET', `clients/import/${id}`)).body;
  await expect.poll(async () => (await look()).status, { timeout: 20_000 }).toMatch(/COMPLETED|CANCELLED|FAILED/);
  return await look();
}

const count = async (table: string) =>
  (await running.database.pool.query(`select count(*)::int as n from ${table}`)).rows[0].n;

describe('an import', () => {
  it('is taken in with 202 and brought in by a job, and gives back the lines that were left out', async () => {
    const answer = await upload(
      'phone;time_zone;name\r\n8 916 123-45-67;Europe/Moscow;Anna\r\n123;Mars;"a;b"\r\n;Asia/Omsk;=1+1\r\n79161234568;Asia/Omsk;x"y\r\n"79161234569";Asia/Omsk;"torn\r\n',
    );
    expect([answer.status, answer.headers.get('location')]).toEqual([202, `/api/v1/clients/import/${answer.body.id}`]);
    expect(answer.body).toMatchObject({ total: 5, done: 3, failed: 3, createdBy: 'admin', dryRun: false });
    expect(await finished(answer.body.id)).toMatchObject({
      status: 'COMPLETED',
      done: 5,
      created: 2,
      failed: 3,
      updated: 0,
    });
    const rejects = await rest(running, 'GET', `clients/import/${answer.body.id}/rejects`);
    expect(rejects.headers.get('content-disposition')).toBe(`attachment; filename="rejects-${answer.body.id}.csv"`);
    expect(rejects.text.split('\r\n')).toEqual(
      [
        'phone;time_zone;name;import_line;import_error',
        '123;Mars;"a;b";3;phone must be a phone with the country code 7, such as 8 (9XX) XXX-XX-XX. timeZone is no known time zone; write one as in Europe/Moscow.',
        ";Asia/Omsk;'=1+1;4;phone is required.",
        '"""79161234569"";Asia/Omsk;""torn";;;6;The line is no CSV: a quote is not closed where its cell ends.',
        '',
      ].map((line) => line.replace(/(Mars;"a;b";3;)(.*)/, '$1"$2"')),
    );
  });

  it('takes its own rejects again, once they are mended', async () => {
    const first = await upload('phone,time_zone,name\n1,Europe/Moscow,"=a, b"\n');
    const { text } = await rest(running, 'GET', `clients/import/${first.body.id}/rejects`);
    const again = await upload(text.replace('\r\n1,', '\r\n79161234567,'));
    expect(await finished(again.body.id)).toMatchObject({ created: 1, failed: 0 });
    const { rows } = await running.database.pool.query('select phone, attributes from client');
    expect(rows).toEqual([{ phone: '79161234567', attributes: { name: '=a, b' } }]);
  });

  it('only counts in a dry run', async () => {
    const answer = await upload('phone,time_zone\n79161234567,Europe/Moscow\n', '?dryRun=true');
    expect(await finished(answer.body.id)).toMatchObject({ status: 'COMPLETED', dryRun: true, created: 1 });
    expect(await count('client')).toBe(0);
  });

  it('is one for the same file, options and Idempotency-Key, however often it is sent; with anything else the key is refused', async () => {
    const FILE = 'phone,time_zone,"a?\\\'"\n79161234567,Asia/Omsk,\n1,,\n';
    const map = `?map=${encodeURIComponent("a?\\':note")}`;
    const key = { 'idempotency-key': 'k1' };
    const [first, second] = await Promise.all([upload(FILE, map, key), upload(FILE, map, key)]);
    expect([first.status, second.status]).toEqual([202, 202]);
    expect(second.body.id).toBe(first.body.id);
    expect(await finished(first.body.id)).toMatchObject({ status: 'COMPLETED', created: 1, failed: 1 });
    expect((await upload(FILE, map, key)).body).toMatchObject({ id: first.body.id, status: 'COMPLETED' });
    for (const other of [await upload(`${FILE}\n`, map, key), await upload(FILE, `${map}&onConflict=keep`, key)]) {
      expect([other.status, other.body.code]).toEqual([409, 'CONFLICT']);
    }
    expect((await upload(FILE, map, { 'idempotency-key': ' ' })).status).toBe(400);
    expect([await count('client_job'), await count('client_job_row')]).toEqual([1, 1]);
  });

  it('takes a mapping, a rule and a zone from the address', async () => {
    await finished((await upload('phone,time_zone\n79161234567,Asia/Omsk\n')).body.id);
    const map = ['Тел:phone', 'Имя: name', 'Прочее:-'].map((each) => `map=${encodeURIComponent(each)}`).join('&');
    const answer = await upload(
      'Тел\tИмя\tПрочее\n89161234567\tАнна\tx\n89161234568\tЕва\t\n',
      `?${map}&onConflict=merge&timeZone=europe/moscow&encoding=utf-8&delimiter=tab`,
    );
    expect(await finished(answer.body.id)).toMatchObject({ created: 1, updated: 1 });
    const { rows } = await running.database.pool.query('select time_zone, attributes from client order by phone');
    expect(rows).toEqual([
      { time_zone: 'Asia/Omsk', attributes: { name: 'Анна' } },
      { time_zone: 'Europe/Moscow', attributes: { name: 'Ева' } },
    ]);
  });

  it('tells over a subscription how far it is: the state now first, then each change, until it is over', async () => {
    const csv = `phone,time_zone\n${Array.from({ length: 8_000 }, (_, n) => `7916${1_000_000 + n},Asia/Omsk\n`).join('')}`;
    const { body } = await upload(csv);
    const socket = await LiveSocket.admitted(running.url);
    socket.subscribe('1', `subscription ($id: ID!) { importProgress(id: $id) { id status done total version } }`, body);
    const events = [];
    for (let message = await socket.next('1'); message.type === 'next'; message = await socket.next('1')) {
      events.push(message.payload.data.importProgress);
    }
    expect(events[0]).toMatchObject({ id: body.id, total: 8_000 });
    expect(events.at(-1)).toMatchObject({ status: 'COMPLETED', done: 8_000 });
    const versions = events.map(({ version }) => Number(version));
    expect(versions).toEqual([...new Set(versions)].sort((a, b) => a - b));
    await socket.close();
  });

  it('says over GraphQL what is wrong with which line, and lists all jobs', async () => {
    const { body } = await upload('phone,time_zone\n1,Europe/Moscow\n79161234567\n');
    const { clientJob, clientJobs } = (
      await running.ask(
        `query ($id: ID!) { clientJob(id: $id) { kind problems { line field message } } clientJobs { totalCount edges { node { id } } } }`,
        { id: body.id },
      )
    ).body.data;
    expect(clientJob).toEqual({
      kind: 'IMPORT',
      problems: [
        {
          line: 2,
          field: 'phone',
          message: 'phone must be a phone with the country code 7, such as 8 (9XX) XXX-XX-XX.',
        },
        { line: 3, field: null, message: 'The line has 1 cells; the first line has 2.' },
      ],
    });
    expect(clientJobs).toEqual({ totalCount: 1, edges: [{ node: { id: body.id } }] });
  });
});

describe('a file that is not taken', () => {
  const ROW = '79161234567,Europe/Moscow\n';
  const LINES = `phone,time_zone\n${ROW}`;
  it.each([
    ['no phone column', 'a,b\n1,2\n', '', {}, 422],
    ['nothing in it', '\n\n', '', {}, 422],
    ['an option that there is not', LINES, '?onConflict=replace', {}, 400],
    ['an option that nobody knows', LINES, '?colour=red', {}, 400],
    ['a zone that there is not', LINES, '?timeZone=Mars', {}, 422],
    ['a mapping without a meaning', LINES, '?map=phone', {}, 400],
    ['JSON', '{}', '', { 'content-type': 'application/json' }, 415],
    ['a form', 'a=b', '', { 'content-type': 'application/x-www-form-urlencoded' }, 415],
    ['a file that is packed', LINES, '', { 'content-encoding': 'gzip' }, 415],
    ['too large a file', LINES.repeat(MAX_BYTES), '', {}, 413],
  ])('is a problem: %s', async (_what, csv, query, headers, status) => {
    const answer = await upload(csv, query, headers);
    expect([answer.status, answer.headers.get('content-type')]).toEqual([
      status,
      'application/problem+json; charset=utf-8',
    ]);
    expect(answer.body.detail).not.toMatch(/JSON|Invalid/);
    expect(await count('client_job')).toBe(0);
    expect(await count('client_job_row')).toBe(0);
  });

  it('is one that is larger than it may be, and did not say so', async () => {
    const endless = Readable.from(
      (function* () {
        yield LINES;
        for (;;) yield ROW.repeat(1_000);
      })(),
    );
    const sent = fetch(`${running.url}/api/v1/clients/import`, {
      method: 'POST',
      headers: { authorization: `Bearer ${ADMIN_TOKEN}`, ...CSV },
      body: Readable.toWeb(endless) as ReadableStream,
      duplex: 'half',
    } as RequestInit);
    // Whoever still writes when the answer comes may see the closed connection instead.
    expect(
      await sent.then(
        ({ status }) => status,
        () => 413,
      ),
    ).toBe(413);
    expect(await count('client_job_row')).toBe(0);
  });

  it('is the fourth at a time, which is told to come again; one that ends makes room', async () => {
    const { hostname, port } = new URL(running.url);
    const sockets = [1, 2, 3].map(() => {
      const socket = connect(Number(port), hostname);
      socket.write(
        `POST /api/v1/clients/import HTTP/1.1\r\nhost: x\r\nauthorization: Bearer ${ADMIN_TOKEN}\r\ncontent-type: text/csv\r\ncontent-length: 250000\r\n\r\n${LINES}${ROW.repeat(5_000)}`,
      );
      return socket;
    });
    await expect.poll(() => count('client_job')).toBe(3);
    const fourth = await upload(LINES);
    expect([fourth.status, fourth.body.code, fourth.headers.get('retry-after')]).toEqual([429, 'RATE_LIMITED', '30']);
    for (const socket of sockets) socket.destroy();
    await expect.poll(() => count('client_job')).toBe(0);
    await expect.poll(async () => (await upload(LINES)).status).toBe(202);
  });

  it('is one that breaks off', async () => {
    const { hostname, port } = new URL(running.url);
    const socket = connect(Number(port), hostname);
    socket.write(
      `POST /api/v1/clients/import HTTP/1.1\r\nhost: x\r\nauthorization: Bearer ${ADMIN_TOKEN}\r\ncontent-type: text/csv\r\ncontent-length: 250000\r\n\r\n${LINES}${ROW.repeat(5_000)}`,
    );
    await expect.poll(() => count('client_job_row')).toBeGreaterThan(0);
    const open = `select from pg_stat_activity where datname = current_database() and application_name = 'heliograph files' and state <> 'idle'`;
    await expect.poll(async () => (await running.database.pool.query(open)).rowCount).toBe(0);
    const [job] = (await running.ask('{ clientJobs { edges { node { id status total } } } }')).body.data.clientJobs
      .edges;
    expect(job.node).toMatchObject({ status: 'QUEUED', total: null });
    expect((await rest(running, 'GET', `clients/import/${job.node.id}/rejects`)).status).toBe(200);
    socket.destroy();
    await expect.poll(() => count('client_job')).toBe(0);
    expect(await count('client_job_row')).toBe(0);
  });

  it('is one whose import somebody cancels while it arrives: 409, and the job stays as cancelled', async () => {
    const { hostname, port } = new URL(running.url);
    const socket = connect(Number(port), hostname);
    let said = '';
    socket.on('data', (piece) => {
      said += piece;
    });
    socket.on('error', () => {});
    const [some, end] = [LINES + ROW.repeat(5_000), ROW.repeat(5_000)];
    socket.write(
      `POST /api/v1/clients/import HTTP/1.1\r\nhost: x\r\nauthorization: Bearer ${ADMIN_TOKEN}\r\ncontent-type: text/csv\r\ncontent-length: ${some.length + end.length}\r\n\r\n${some}`,
    );
    await expect.poll(() => count('client_job_row')).toBeGreaterThan(0);
    const cancelled = await rest(running, 'POST', 'clients/import/1/cancel');
    expect([cancelled.status, cancelled.body.status]).toEqual([200, 'CANCELLED']);
    socket.write(end);
    await expect.poll(() => said).toMatch(/^HTTP\/1\.1 409 [\s\S]*CANCELLED already/);
    expect(await count('client_job_row')).toBe(0);
    expect((await finished('1')).status).toBe('CANCELLED');
    socket.destroy();
  });

  it('is one for any other address', async () => {
    const answer = await rest(running, 'POST', 'clients', gzipSync('x').toString('hex'), CSV);
    expect(answer.status).toBe(415);
  });
});

it('is stopped when somebody cancels it, and is over then', async () => {
  await stopWorker();
  const { body } = await upload('phone,time_zone\n79161234567,Europe/Moscow\n');
  const cancelled = await rest(running, 'POST', `clients/import/${body.id}/cancel`);
  expect([cancelled.status, cancelled.body.status]).toEqual([200, 'CANCELLED']);
  stopWorker = await startWorker({ databaseUrl: running.database.url, gatewayUrl: 'http://127.0.0.1:1' });
  const other = await upload('phone,time_zone\n79161234568,Europe/Moscow\n');
  await finished(other.body.id);
  expect(await count('client')).toBe(1);
  const again = await running.ask(
    `mutation ($id: ID!) { clientJobCancel(id: $id) { job { id } userErrors { code field } } }`,
    { id: other.body.id },
  );
  expect(again.body.data.clientJobCancel).toEqual({ job: null, userErrors: [{ code: 'CONFLICT', field: 'id' }] });
});
