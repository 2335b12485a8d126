import { once } from 'node:events';
import { connect } from 'node:net';
import type { FastifyInstance } from 'fastify';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { recordingLog } from '../testing/running-api.js';
import { arriving, TooSlow } from './body-time.js';
import { createHttp } from './http.js';

let app: FastifyInstance;
beforeAll(async () => {
  app = await createHttp({ log: recordingLog().log, publicUrl: null, arriveWithinMs: 50 });
  app.addContentTypeParser('text/csv', (_request, payload, done) => done(null, payload));
  app.post('/json', { config: { allow: 'everyone' } }, async () => 'taken');
  app.post('/file', { config: { allow: 'everyone', takesFile: true } }, async ({ raw }) => {
    let size = 0;
    for await (const piece of arriving(raw)) size += piece.length;
    return `taken ${size}`;
  });
  app.post('/drip', { config: { allow: 'everyone', takesFile: true } }, async ({ raw }) => {
    try {
      for await (const _ of arriving(raw, 40));
      return 'taken';
    } catch (error) {
      return error instanceof TooSlow ? error.message : 'broken';
    }
  });
  app.post('/refused', { config: { allow: 'everyone', takesFile: true } }, async (_request, reply) =>
    reply.code(401).send('no'),
  );
  app.get('/slow', { config: { allow: 'everyone' } }, async () => {
    await new Promise((resolve) => setTimeout(resolve, 120));
    return 'late';
  });
  await app.listen({ port: 0, host: '127.0.0.1' });
});
afterAll(() => app.close());

/** Sends the second half of a body when told to; gives what the server says. */
async function ask(head: string, first: string, rest: Promise<string> | null, connection = 'close') {
  const { port } = app.server.address() as { port: number };
  const socket = connect(port, '127.0.0.1');
  let said = '';
  socket.on('data', (data) => {
    said += data;
  });
  socket.on('error', () => {});
  socket.write(`${head} HTTP/1.1\r\nhost: x\r\nconnection: ${connection}\r\n${first}`);
  if (rest) socket.write(await rest);
  await once(socket, 'close');
  return said;
}

const later = (text: string) => new Promise<string>((resolve) => setTimeout(() => resolve(text), 150));

it('gives a request up that does not arrive in time', async () => {
  const said = await ask('POST /json', 'content-type: application/json\r\ncontent-length: 100\r\n\r\n{', null);
  expect(said).toMatch(/^HTTP\/1.1 408 /);
});

it('waits no longer for a file that nobody takes any more than for any other body', async () => {
  const file = 'content-type: text/csv\r\ncontent-length: 1000000\r\n\r\nabc';
  expect(await ask('POST /refused', file, null, 'keep-alive')).toMatch(/^HTTP\/1.1 401 /);
});

it('lets a file take longer, and an answer too', async () => {
  // Node's own limit would hold for all.
  expect(app.server.requestTimeout).toBe(0);
  const file = 'content-type: text/csv\r\ncontent-length: 6\r\n\r\nabc';
  expect(await ask('POST /file', file, later('def'))).toMatch(/^HTTP\/1.1 200 .*taken 6$/s);
  expect(await ask('GET /slow', '\r\n', null)).toMatch(/^HTTP\/1.1 200 .*late$/s);
});

it('gives a file up that drips, and says how fast it must come; a slow one is none that drips', async () => {
  const file = 'content-type: text/csv\r\ncontent-length: 2000\r\n\r\nabc';
  expect(await ask('POST /drip', file, later('d'))).toMatch(
    /^HTTP\/1.1 200 .*too slowly: it must come with 2000 bytes/s,
  );
  expect(await ask('POST /drip', file, later('d'.repeat(1_997)))).toMatch(/^HTTP\/1.1 200 .*taken$/s);
});
