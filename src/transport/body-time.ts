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

/**
 * A body as it arrives, which is never in memory as a whole. Whoever stops reading can still answer.
 *
 * @throws AppError BAD_USER_INPUT when it breaks off, or stands still for 30 s
 */
export async function* arriving(request: IncomingMessage): AsyncGenerator<Buffer, void, void> {
  const pieces = request.iterator({ destroyOnReturn: false });
  for (;;) {
    const next = await inTime(STANDSTILL, pieces.next()).catch(() => {
      throw new AppError('BAD_USER_INPUT', 'The file broke off before its end: nothing of it was taken.');
    });
    if (next.done) return;
    yield next.value;
  }
}
