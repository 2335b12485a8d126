import { createHook } from 'node:async_hooks';
import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { expect, it, onTestFinished } from 'vitest';
import { findAddresses } from './find-addresses.js';
import { Poster } from './post-webhook.js';

const NO_SUCH_NAME = 3;
const TYPE_A = 1;

/**
 * A name server of the test's own.
 *
 * @param answer an IPv4 address, a code of RFC 1035, 4.1.1, or nothing at all
 */
async function nameServer(answer?: string | number) {
  const socket = createSocket('udp4');
  onTestFinished(() => new Promise((closed) => socket.close(() => closed())));
  let asked = 0;
  socket.on('message', (query, from) => {
    asked += 1;
    if (answer === undefined) return;
    // The question's name ends with an empty label; two bytes each of type and class follow.
    const end = query.indexOf(0, 12) + 5;
    const has = typeof answer === 'string' && query.readUInt16BE(end - 4) === TYPE_A;
    const reply = Buffer.from(query.subarray(0, end));
    reply.writeUInt16BE(0x8180 | (typeof answer === 'number' ? answer : 0), 2);
    reply.writeUInt16BE(has ? 1 : 0, 6);
    reply.writeUInt32BE(0, 8);
    const address = typeof answer === 'string' ? answer.split('.').map(Number) : [];
    const record = Buffer.from([0xc0, 12, 0, TYPE_A, 0, 1, 0, 0, 0, 0, 0, 4, ...address]);
    socket.send(has ? Buffer.concat([reply, record]) : reply, from.port, from.address);
  });
  socket.bind(0, '127.0.0.1');
  await once(socket, 'listening');
  return { at: [`127.0.0.1:${socket.address().port}`], asked: () => asked };
}

/** Counts lookups by the system from now on: each holds a thread. */
function countThreads(): () => number {
  let threads = 0;
  const hook = createHook({
    init(_, type) {
      if (type === 'GETADDRINFOREQWRAP') threads += 1;
    },
  }).enable();
  onTestFinished(() => void hook.disable());
  return () => threads;
}

it('names that nobody answers for hold no thread, and end with their try', async () => {
  const { at, asked } = await nameServer();
  const threads = countThreads();
  const poster = new Poster({ find: (name) => findAddresses(name, at), timeoutMs: 300 });
  const tries = Array.from({ length: 8 }, (_, nth) => poster.post(`https://silent-${nth}.example.org/`, {}, '{}'));
  const silence = { status: null, reason: expect.stringContaining('ETIMEDOUT') };
  expect(await Promise.all(tries)).toEqual(Array(8).fill(expect.objectContaining(silence)));
  expect(asked()).toBeGreaterThan(0);
  expect(threads()).toBe(0);
});

it('asks the name servers, and the system for what they do not have', async () => {
  const threads = countThreads();
  const { at } = await nameServer('93.184.216.34');
  expect(await findAddresses('hooks.example.org', at)).toEqual([{ address: '93.184.216.34', family: 4 }]);
  expect(threads()).toBe(0);
  const empty = await nameServer(NO_SUCH_NAME);
  await expect(findAddresses('nobody.invalid', empty.at)).rejects.toMatchObject({ syscall: 'getaddrinfo' });
  expect(threads()).toBe(1);
  expect(await findAddresses('localhost', empty.at)).toContainEqual({ address: '127.0.0.1', family: 4 });
});
