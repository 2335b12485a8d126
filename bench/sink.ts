import { createServer, type Socket } from 'node:net';

/**
 * The other end of a bench: answers every POST with `{"code":0,"message":"OK"}` and does nothing else, so that what is
 * measured is the sender. Hand-written HTTP/1.1 on a bare socket; the full simulator with its ledger costs as much as
 * the sender itself. It understands just what undici sends: a head, a Content-Length, a body. `sink.js [<latency, ms>]`.
 */
const latencyMs = Number(process.argv[2] ?? 0);
const ANSWER = Buffer.from(
  'HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: 25\r\n\r\n{"code":0,"message":"OK"}',
);
const HEAD_END = Buffer.from('\r\n\r\n');
let requests = 0;
/** When the first came, ms since the epoch; null: none has. */
let firstAt: number | null = null;

function answer(socket: Socket): void {
  if (latencyMs === 0) socket.write(ANSWER);
  else setTimeout(() => socket.write(ANSWER), latencyMs);
}

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
      firstAt ??= performance.timeOrigin + performance.now();
      requests += 1;
      answer(socket);
    }
  });
  socket.on('error', () => socket.destroy());
});

server.listen(0, '127.0.0.1', () => {
  const address = server.address();
  if (typeof address === 'object' && address) process.send?.({ url: `http://127.0.0.1:${address.port}` });
});
process.on('message', () => process.send?.({ requests, firstAt }));
process.on('disconnect', () => process.exit());
