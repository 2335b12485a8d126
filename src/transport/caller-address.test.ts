import type { IncomingMessage } from 'node:http';
import { fastify } from 'fastify';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { LiveSocket } from '../testing/live-socket.js';
import { ADMIN_TOKEN, type RunningApi, startApi } from '../testing/running-api.js';
import { callerAddress } from './caller-address.js';

it.each([
  [[], '127.0.0.1', '8.8.8.8'],
  [['loopback'], '127.0.0.1', '8.8.8.8'],
  [['loopback'], '127.0.0.1', undefined],
  [['loopback'], '127.0.0.1', ' 9.9.9.9 , 8.8.8.8,, 127.0.0.3 '],
  [['loopback'], '::ffff:127.0.0.1', '8.8.8.8'],
  [['loopback'], '::1', 'unknown, 10.0.0.1'],
  [['loopback'], '127.0.0.1', 'made up, ::1'],
  [['loopback'], '10.0.0.1', '8.8.8.8'],
  [['10.0.0.0/8', '::1'], '::1', '8.8.8.8, 10.1.2.3'],
  [['10.0.0.1'], '10.0.0.1', '8.8.8.8, 10.0.0.2'],
  [['linklocal', 'uniquelocal'], 'fe80::1', '8.8.8.8, 192.168.0.1, fd00::1'],
])('proxies %j: who comes from %s for %s comes from where Fastify says', async (trustProxy, remoteAddress, named) => {
  const app = fastify({ trustProxy: trustProxy.length > 0 && trustProxy });
  app.get('/', async ({ ip }) => ip);
  const headers = named === undefined ? {} : { 'x-forwarded-for': named };
  const { body } = await app.inject({ url: '/', remoteAddress, headers });
  const socket = { remoteAddress } as IncomingMessage['socket'];
  expect(callerAddress(trustProxy)({ headers, socket })).toBe(body);
});

let running: RunningApi;
beforeAll(async () => {
  running = await startApi({ config: { trustProxy: ['loopback'] } });
});
afterAll(() => running.close());

it('the audit log has the same address of who comes over HTTP and over a WebSocket', async () => {
  const act = 'mutation { sendingStop(reason: "noon") { userErrors { code } } }';
  const headers = { authorization: `Bearer ${ADMIN_TOKEN}`, 'x-forwarded-for': '9.9.9.9, 8.8.8.8' };
  await running.ask(act, {}, headers);
  const live = new LiveSocket(running.url, { headers: { 'x-forwarded-for': '9.9.9.9, 8.8.8.8' } });
  await live.opened();
  live.say({ type: 'connection_init', payload: { authorization: headers.authorization } });
  await live.next();
  live.subscribe('1', act);
  await live.next('1');
  await live.close();
  const { rows } = await running.database.pool.query('select ip::text from audit_event order by id');
  expect(rows.map(({ ip }) => ip.replace('/32', ''))).toEqual(['8.8.8.8', '8.8.8.8']);
});
