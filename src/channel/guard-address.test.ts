import { once } from 'node:events';
import { createServer, type LookupFunction, type Socket } from 'node:net';
import { expect, it, onTestFinished } from 'vitest';
import { ADDRESS_REFUSED, guardedConnector, isRefused } from './guard-address.js';
import { HttpGateway } from './http-gateway.js';

/** A server that notes who knocks. */
async function door(): Promise<{ port: string; knocks: () => number }> {
  let knocks = 0;
  const server = createServer((socket) => {
    knocks += 1;
    socket.destroy();
  }).listen(0, '127.0.0.1');
  onTestFinished(() => void server.close());
  await once(server, 'listening');
  return { port: String((server.address() as { port: number }).port), knocks: () => knocks };
}

/** The error of an attempt to connect; null: there is a connection. */
async function connect(hostname: string, port: string, resolve?: LookupFunction): Promise<Error | null> {
  const connector = guardedConnector(2_000, resolve);
  return await new Promise((done) =>
    connector({ hostname, port, protocol: 'http:', host: `${hostname}:${port}` } as never, (error, socket) => {
      (socket as Socket | null)?.destroy();
      done(error);
    }),
  );
}

it.each([
  '169.254.169.254',
  '::ffff:169.254.169.254',
  'fd00:ec2::254',
  'fe80::1',
  '100.100.100.200',
  '0.0.0.0',
  '224.0.0.1',
])('no connection is made to %s, however it is written, or whatever name leads there', async (address) => {
  expect(await connect(address, '80')).toMatchObject({ code: ADDRESS_REFUSED });
  const resolve = ((_name: string, _options: object, callback: (...found: unknown[]) => void) =>
    callback(null, [{ address, family: address.includes(':') ? 6 : 4 }])) as unknown as LookupFunction;
  expect(await connect('gateway.example', '80', resolve)).toMatchObject({ code: ADDRESS_REFUSED });
});

it.each(['127.0.0.1', '10.1.2.3', '192.168.1.1', '172.16.0.9', '::1', 'fd12::1', '93.184.216.34'])(
  'a gateway may stand at %s',
  (address) => expect(isRefused(address)).toBe(false),
);

it('a name is looked at when the connection is made, and one that leads to a gateway gets there', async () => {
  const { port, knocks } = await door();
  expect(await connect('localhost', port)).toBeNull();
  await expect.poll(knocks).toBe(1);
});

it('a gateway at a refused address gets nothing, and its messages wait without being charged', async () => {
  const gateway = new HttpGateway({ url: 'http://169.254.169.254', token: 'secret', timeoutMs: 1_000, concurrency: 1 });
  const outcome = await gateway.send(
    { messageId: '1', phone: '79000000000', text: 'x' } as never,
    performance.now() + 1_000,
  );
  expect(outcome).toMatchObject({ kind: 'retry', charged: false, reason: expect.stringContaining(ADDRESS_REFUSED) });
  await gateway.close();
});
