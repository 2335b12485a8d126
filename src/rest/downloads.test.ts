import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import type { Readable } from 'node:stream';
import fastify, { type FastifyReply } from 'fastify';
import { expect, it, onTestFinished } from 'vitest';
import { recordingLog } from '../testing/running-api.js';
import { Downloads } from './downloads.js';
import { problemOf, refuse } from './problem.js';

/** A server of endless tables, and whether their queries have ended. */
async function start(readWithinMs?: number) {
  const app = fastify({ forceCloseConnections: true });
  const downloads = new Downloads(readWithinMs);
  const ended: string[] = [];
  app.setErrorHandler((error: Error, request, reply) =>
    refuse(reply, problemOf(error as never, request, recordingLog().log)),
  );
  app.get('/:who', (request, reply) => {
    const { who: id } = request.params as { who: string };
    return downloads.send(reply, { id }, 'table', {}, async () => ({
      header: ['a'],
      rows: endless(() => ended.push(id)),
    }));
  });
  app.get('/late/:who', async (request, reply) => {
    await once(request.socket, 'close');
    const { who: id } = request.params as { who: string };
    ended.push('late');
    return downloads.send(reply, { id }, 'table', {}, async () => ({ header: ['a'], rows: endless(() => {}) }));
  });
  onTestFinished(() => app.close());
  const url = await app.listen({ port: 0, host: '127.0.0.1' });
  const read = (who: string) => connected(url, who);
  const leave = async (path: string) => {
    const { hostname, port } = new URL(url);
    const socket = connect(Number(port), hostname);
    socket.write(`GET /${path} HTTP/1.1\r\nhost: x\r\n\r\n`, () => socket.destroy());
    await once(socket, 'close');
  };
  return { read, leave, ended, ask: (who: string) => fetch(`${url}/${who}`) };
}

it('give back the place of one who was gone before his answer began', async () => {
  const { read, ask, ended, leave } = await start();
  for (const _ of [1, 2]) await leave('late/anna');
  await expect.poll(() => ended).toEqual(['late', 'late']);
  await read('anna');
  await read('anna');
  expect((await ask('anna')).status).toBe(429);
});

it('hand big rows on in small pieces, for a minute is a long time for one of them and not for megabytes', async () => {
  const text = '😀x'.repeat(200_000);
  const reply = { header: () => reply, type: () => reply, send: (stream: Readable) => stream } as never as FastifyReply;
  const stream = new Downloads().send(reply, { id: 'anna' }, 'table', {}, async () => ({
    header: ['a'],
    rows: (async function* () {
      yield [[text]];
    })(),
  })) as never as Readable;
  const pieces: Buffer[] = [];
  stream.on('data', (piece: Buffer) => pieces.push(Buffer.from(piece)));
  await once(stream, 'end');
  expect(Math.max(...pieces.map(({ length }) => length))).toBeLessThanOrEqual(65_536);
  expect(Buffer.concat(pieces).toString()).toBe(`a\r\n${text}\r\n`);
});

async function* endless(end: () => void) {
  try {
    for (;;) yield [['x'.repeat(65_536)]];
  } finally {
    end();
  }
}

/** Somebody who asks, sees the beginning, and takes no more. */
async function connected(url: string, who: string): Promise<Socket> {
  const { hostname, port } = new URL(url);
  const socket = connect(Number(port), hostname);
  socket.on('error', () => {});
  onTestFinished(() => void socket.destroy());
  socket.write(`GET /${who} HTTP/1.1\r\nhost: x\r\n\r\n`);
  await new Promise((resolve) => socket.once('data', resolve));
  socket.pause();
  return socket;
}

it('are two to one who asks and five in all; the next is told when to ask again, and gets its place when one ends', async () => {
  const { read, ask, ended } = await start();
  const [first] = [await read('anna'), await read('anna')];
  const third = await ask('anna');
  expect([third.status, third.headers.get('retry-after')]).toEqual([429, '30']);
  for (const who of ['eva', 'eva', 'ida']) await read(who);
  const sixth = await ask('mia');
  expect([sixth.status, sixth.headers.get('retry-after')]).toEqual([503, '30']);
  first!.destroy();
  await expect.poll(() => ended).toEqual(['anna']);
  await read('mia');
});

it('end for a reader who takes nothing, and for nobody who reads on', async () => {
  const { read, ended } = await start(200);
  const reading = await read('eva');
  reading.resume();
  await read('anna');
  await expect.poll(() => ended, { timeout: 5_000 }).toEqual(['anna']);
});
