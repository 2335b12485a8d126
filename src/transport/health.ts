import type { FastifyInstance } from 'fastify';
import type { Readiness } from '../operations/readiness.js';

/**
 * `/healthz`: the process is alive. `/readyz`: its parts are, 503 while one is not, with what follows from that; whether all
 * sending is stopped, which is a person's decision and takes no part away; and whether settings that were read again are wrong, or the
 * log can't be written to its file, which both stop nobody. Neither tells anything else.
 *
 * `/readyz?exclude=scheduler` is ready without that part (and so with several): a balancer before processes that serve
 * people asks so, as they can all do that while the jobs' store is away.
 */
export function addHealth(app: FastifyInstance, readiness: Pick<Readiness, 'look'>): void {
  const open = { config: { allow: 'everyone' } } as const;
  app.get('/healthz', open, async (_request, reply) =>
    reply.header('cache-control', 'no-store').send({ status: 'ok' }),
  );
  app.get<{ Querystring: { exclude?: string | string[] } }>('/readyz', open, async ({ query }, reply) => {
    const { parts, reasons, stopped, settings, logTrouble } = await readiness.look();
    const ready = Object.keys(reasons).every((part) => [query.exclude].flat().includes(part));
    reply.header('cache-control', 'no-store').code(ready ? 200 : 503);
    const why = Object.keys(reasons).length > 0 ? { reasons } : {};
    const sending = stopped ? { sending: 'stopped' } : {};
    const old = settings.problems.length > 0 ? { settings: 'wrong: those from before are in force' } : {};
    const since = logTrouble?.since.toISOString();
    const log = logTrouble ? { log: `not written to its file since ${since}: ${logTrouble.code}` } : {};
    return reply.send({ status: ready ? 'ready' : 'not ready', parts, ...why, ...sending, ...old, ...log });
  });
}
