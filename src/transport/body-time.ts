import type { IncomingMessage } from 'node:http';
import type { FastifyInstance } from 'fastify';
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
 * Gives every request so long to arrive, but for files: a client that drips its body holds a connection no longer. Node's own
 * limit knows no exception.
 */
export function limitBodyTime(app: FastifyInstance, withinMs: number): void {
  app.addHook('onRequest', (request, _reply, done) => {
    if (!request.routeOptions.config.takesFile && !request.raw.complete) {
      const timer = setTimeout(() => giveUp(request.raw), withinMs);
      request.raw.once('close', () => clearTimeout(timer));
    }
    done();
  });
}

/** As Node does it. */
function giveUp({ complete, socket }: IncomingMessage): void {
  if (complete) return;
  socket.write('HTTP/1.1 408 Request Timeout\r\nConnection: close\r\n\r\n');
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
