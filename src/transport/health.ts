import type { FastifyInstance } from 'fastify';
import { inTime } from '../platform/deadline.js';

/** What must work before traffic is sent here, by name. */
export type Readiness = Readonly<Record<string, () => boolean | Promise<boolean>>>;

/** A part that does not answer by then is not ready, ms. */
const ANSWER_WITHIN = 2_000;
/** So long an answer holds, ms: anybody may ask, and as often as they like. */
const ANSWER_HOLDS = 1_000;

/**
 * `/healthz`: the process is alive. `/readyz`: its parts are, 503 while one is not; and whether all sending is stopped,
 * which is a person's decision and takes no part away. Neither tells anything else.
 */
export function addHealth(app: FastifyInstance, readiness: Readiness, isStopped: () => Promise<boolean>): void {
  const probes = Object.entries(readiness).map(([name, ask]) => [name, shared(() => answers(ask))] as const);
  const stopped = shared(() => answers(isStopped));
  const open = { config: { allow: 'everyone' } } as const;
  app.get('/healthz', open, async (_request, reply) =>
    reply.header('cache-control', 'no-store').send({ status: 'ok' }),
  );
  app.get('/readyz', open, async (_request, reply) => {
    const parts = await Promise.all(probes.map(async ([name, probe]) => [name, await probe()] as const));
    const ready = parts.every(([, works]) => works);
    reply.header('cache-control', 'no-store').code(ready ? 200 : 503);
    const sending = (await stopped()) ? { sending: 'stopped' } : {};
    return reply.send({ status: ready ? 'ready' : 'not ready', parts: Object.fromEntries(parts), ...sending });
  });
}

/** All who ask while a part is being asked get that answer, and so do those who come soon after it. */
function shared(probe: () => Promise<boolean>): () => Promise<boolean> {
  let latest: Promise<boolean> | undefined;
  return () => {
    latest ??= probe().finally(() =>
      setTimeout(() => {
        latest = undefined;
      }, ANSWER_HOLDS).unref(),
    );
    return latest;
  };
}

async function answers(ask: () => boolean | Promise<boolean>): Promise<boolean> {
  try {
    return await inTime(ANSWER_WITHIN, Promise.resolve(ask()));
  } catch {
    return false;
  }
}
