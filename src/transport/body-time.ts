import type { IncomingMessage, ServerResponse } from 'node:http';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { AppError } from '../errors.js';
import { inTime } from '../platform/deadline.js';

declare module 'fastify' {
  interface FastifyContextConfig {
    /** It takes a file, which may take as long as it takes to arrive: see `arriving`. */
    takesFile?: boolean;
  }
}

/** How long a file may stand still while it arrives, ms. */
const STANDSTILL = 30_000;
/** How slow one may come, bytes a second: a quarter of a poor mobile line … */
const SLOWEST = 2_000;
/** … over so long, ms. */
const WINDOW = 30_000;
const DRIPS = `The file came too slowly: it must come with ${SLOWEST} bytes a second. Nothing of it was taken.`;

/**
 * Gives every request so long to arrive, but for files that somebody takes: a client that drips its body holds a connection no
 * longer. A file that was answered before its end, as that of a stranger is, gets so long from its answer. Node's own limit
 * knows no exception.
 */
export function limitBodyTime(app: FastifyInstance, withinMs: number): void {
  const limit = ({ raw }: FastifyRequest, reply: FastifyReply) => {
    if (raw.complete) return;
    const timer = setTimeout(() => giveUp(raw, reply.raw), withinMs);
    raw.once('close', () => clearTimeout(timer));
  };
  app.addHook('onRequest', (request, reply, done) => {
    if (!request.routeOptions.config.takesFile) limit(request, reply);
    done();
  });
  app.addHook('onResponse', async (request, reply) => {
    if (request.routeOptions.config.takesFile) limit(request, reply);
  });
}

/** As Node does it. */
function giveUp({ complete, socket }: IncomingMessage, { headersSent }: ServerResponse): void {
  if (complete) return;
  if (!headersSent) socket.write('HTTP/1.1 408 Request Timeout\r\nConnection: close\r\n\r\n');
  socket.destroySoon();
}

/** Over HTTP it is answered with 408. */
export class TooSlow extends AppError {
  constructor(message: string) {
    super('BAD_USER_INPUT', message);
  }
}

/**
 * A body as it arrives, which is never in memory as a whole. Whoever stops reading can still answer. Only the time that its
 * sender takes counts against it.
 *
 * @param windowMs over how much of that time the least speed must hold
 * @throws TooSlow when it stands still for 30 s, or comes with less than 2,000 bytes a second; AppError BAD_USER_INPUT when it
 *   breaks off
 */
export async function* arriving(request: IncomingMessage, windowMs = WINDOW): AsyncGenerator<Buffer, void, void> {
  const pieces = request.iterator({ destroyOnReturn: false });
  let waited = 0;
  let bytes = 0;
  for (;;) {
    const begun = performance.now();
    const next = await inTime(STANDSTILL, pieces.next()).catch(() => {
      if (!request.destroyed) throw new TooSlow('The file stood still for 30 s: nothing of it was taken.');
      throw new AppError('BAD_USER_INPUT', 'The file broke off before its end: nothing of it was taken.');
    });
    if (next.done) return;
    waited += performance.now() - begun;
    bytes += next.value.length;
    if (waited >= windowMs) {
      if (bytes < (SLOWEST * waited) / 1_000) throw new TooSlow(DRIPS);
      waited = 0;
      bytes = 0;
    }
    yield next.value;
  }
}
