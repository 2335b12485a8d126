import type { ServerResponse } from 'node:http';
import type { Answer } from './answers.js';

/** How often an endless answer goes on, ms, and by how much, bytes. */
const ENDLESS = { everyMs: 10, chunk: Buffer.alloc(8_192, 'O') };

/**
 * Gives an answer in its manner.
 *
 * @param beforeLastByte called when an answer that dripped is about to be complete; it calls back to let the last byte go
 */
export function giveAnswer(
  response: ServerResponse,
  answer: Answer,
  beforeLastByte: (finish: () => void) => void,
): void {
  const { socket } = response;
  switch (answer.manner) {
    case 'whole':
      response.writeHead(answer.status!, answer.headers as string[]);
      response.end(answer.body);
      return;
    case 'none':
      return;
    case 'reset':
      socket?.resetAndDestroy();
      return;
    case 'close':
      socket?.destroy();
      return;
    case 'drip':
      drip(response, answer, beforeLastByte);
      return;
    case 'endless':
      goOnForEver(response, answer);
      return;
  }
}

function drip(response: ServerResponse, answer: Answer, beforeLastByte: (finish: () => void) => void): void {
  const { body } = answer;
  const length = ['content-length', String(body.length)];
  response.writeHead(answer.status!, [...answer.headers, ...length]);
  let next = 0;
  const timer = setInterval(() => {
    if (response.destroyed) {
      clearInterval(timer);
    } else if (next < body.length - 1) {
      response.write(body.subarray(next, next + 1));
      next += 1;
    } else {
      clearInterval(timer);
      beforeLastByte(() => response.end(body.subarray(next)));
    }
  }, answer.overMs / body.length);
}

function goOnForEver(response: ServerResponse, answer: Answer): void {
  response.writeHead(answer.status!, answer.headers as string[]);
  response.write(answer.body);
  const timer = setInterval(() => {
    if (response.destroyed) clearInterval(timer);
    // A caller that does not read must not fill our memory either.
    else if (!response.writableNeedDrain) response.write(ENDLESS.chunk);
  }, ENDLESS.everyMs);
}
