import { afterAll, beforeAll, expect, it } from 'vitest';
import { type RunningApi, startApi } from '../testing/running-api.js';
import { startTcpProxy, type TcpProxy } from '../testing/tcp-proxy.js';

let running: RunningApi;
let line: TcpProxy;

beforeAll(async () => {
  running = await startApi({
    databaseUrl: async (url) => {
      line = await startTcpProxy(url);
      return line.through(url);
    },
  });
});
afterAll(async () => {
  await running.close();
  await line.close();
});

const OPERATIONS = [
  '{ clients { totalCount edges { node { id } } } }',
  '{ client(id: "1") { id } }',
  '{ mailings { totalCount } }',
  '{ message(id: "10000") { id } }',
  '{ statistics { mailingCount } }',
  'mutation { clientCreate(input: { phone: "89161234567", timeZone: "UTC" }) { client { id } userErrors { code } } }',
  'mutation { clientDelete(id: "1") { userErrors { code } } }',
  'mutation { mailingCreate(input: { name: "n", text: "t", endsAt: "2100-01-01T00:00:00Z" }) { warnings { code } userErrors { code } } }',
  'mutation { mailingPause(id: "1") { userErrors { code } } }',
];

it('while the database is away every operation says so, and they work again by themselves', async () => {
  // Connections are open by then, and break in the middle of their life.
  await Promise.all(OPERATIONS.map((operation) => running.ask(operation)));
  line.cut();
  for (const operation of [...OPERATIONS, ...OPERATIONS]) {
    const { status, text, body } = await running.ask(operation);
    expect(body.errors.map((error: { extensions: object }) => error.extensions)).toEqual([{ code: 'UNAVAILABLE' }]);
    // A nullable field leaves room for others of its query, so that answer is not 503 as a whole.
    expect(status).toBe(body.data ? 200 : 503);
    expect(text).not.toMatch(/127\.0\.0\.1|select |\.[jt]s:\d/);
  }
  line.mend();
  for (const operation of OPERATIONS) {
    const { status, body } = await running.ask(operation);
    const codes = (body.errors ?? []).map((error: { extensions: { code: string } }) => error.extensions.code);
    expect([status, codes.filter((code: string) => code !== 'NOT_FOUND')]).toEqual([200, []]);
  }
  expect(running.logged()).not.toMatch(/"level":"fatal"/);
});
