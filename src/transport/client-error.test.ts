import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { connect } from 'node:net';
import { expect, it, onTestFinished } from 'vitest';
import { recordingLog } from '../testing/running-api.js';
import { createHttp } from './http.js';

it.each([
  [
    'letters in its address that are not encoded',
    'GET /api/v1/clients?tagsAny=друг HTTP/1.1\r\n',
    400,
    'percent-encoded',
  ],
  ['headers of more than 16 KB', `GET / HTTP/1.1\r\nx: ${'x'.repeat(20_000)}\r\n`, 431, '16 KB'],
  ['another language', 'EHLO example.org\r\n', 400, 'no HTTP'],
])('what can be no request is answered with what to mend: %s', async (_what, begin, status, word) => {
  const app = await createHttp({ log: recordingLog().log, publicUrl: null });
  onTestFinished(() => app.close());
  await app.listen({ port: 0, host: '127.0.0.1' });
  const socket = connect((app.server.address() as AddressInfo).port, '127.0.0.1');
  let said = '';
  socket.on('data', (data) => {
    said += data;
  });
  socket.write(`${begin}Host: x\r\n\r\n`);
  await once(socket, 'close');
  const [head, body = ''] = said.split('\r\n\r\n');
  expect(head).toMatch(new RegExp(`^HTTP/1.1 ${status} `));
  expect(JSON.parse(body)).toEqual({
    errors: [{ message: expect.stringContaining(word), extensions: { code: 'BAD_USER_INPUT' } }],
  });
});

it('what can be no request puts no words into an answer that is under way', async () => {
  const app = await createHttp({ log: recordingLog().log, publicUrl: null });
  onTestFinished(() => app.close());
  app.get('/', (_request, reply) => void reply.hijack().raw.write('begun'));
  await app.listen({ port: 0, host: '127.0.0.1' });
  const socket = connect((app.server.address() as AddressInfo).port, '127.0.0.1');
  let said = '';
  socket.on('data', (data) => {
    said += data;
  });
  socket.write('GET / HTTP/1.1\r\nHost: x\r\n\r\n');
  await expect.poll(() => said).toContain('begun');
  socket.write('EHLO example.org\r\n\r\n');
  await once(socket, 'close');
  expect(said).toMatch(/begun\s*$/);
});
