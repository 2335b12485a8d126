import { createServer } from 'node:net';

/**
 * The other end of a bench: answers every POST with `{"code":0,"message":"OK"}` and does nothing else, so that what is
 * measured is the sender. Hand-written HTTP/1.1 on a bare socket; the full simulator with its ledger costs as much as
 * the sender itself. It understands just what undici sends: a head, a Content-Length, a body.
 */
const ANSWER = Buffer.from(
  'HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: 25\r\n\r\n{"code":0,"message":"OK"}',
);
const HEAD_END = Buffer.from('\r\n\r\n');
let requests = 0;

const server = createServer((socket) => {
  socket.setNoDelay(true);
  let pending: Buffer = Buffer.alloc(0);
  socket.on('data', (chunk: Buffer) => {
    pending = pending.length === 0 ? chunk : Buffer.concat([pending, chunk]);
    for (;;) {
      const head = pending.indexOf(HEAD_END);
      if (head < 0) return;
      const length = /content-length: (\d+)/i.exec(pending.toString('latin1', 0, head))?.[1] ?? '0';
      const end = head + 4 + Number(length);
      if (pending.length < end) return;
      pending = pending.subarray(end);
      requests += 1;
      socket.write(ANSWER);
    }
  });
  socket.on('error', () => socket.destroy());
});

server.listen(0, '127.0.0.1', () => {
  const address = server.address();
  if (typeof address === 'object' && address) process.send?.({ url: `http://127.0.0.1:${address.port}` });
});
process.on('message', () => process.send?.({ requests, cpu: process.cpuUsage() }));
process.on('disconnect', () => process.exit());
