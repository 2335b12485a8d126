import type { FastifyInstance } from 'fastify';
import type { Readiness } from '../operations/readiness.js';

/**
 * `/healthz`: the process is alive. `/readyz`: its parts are, 503 while one is not; and whether all sending is stopped,
 * which is a person's decision and takes no part away. Neither tells anything else.
 */
export function addHealth(app: FastifyInstance, readiness: Pick<Readiness, 'look'>): void {
  const open = { config: { allow: 'everyone' } } as const;
  app.get('/healthz', open, async (_request, reply) =>
    reply.header('cache-control', 'no-store').send({ status: 'ok' }),
  );
  app.get('/readyz', open, async (_request, reply) => {
    const { ready, parts, stopped } = await readiness.look();
    reply.header('cache-control', 'no-store').code(ready ? 200 : 503);
    const sending = stopped ? { sending: 'stopped' } : {};
    return reply.send({ status: ready ? 'ready' : 'not ready', parts, ...sending });
  });
}
