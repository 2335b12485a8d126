import rateLimit from '@fastify/rate-limit';
import type { FastifyInstance, FastifyRequest } from 'fastify';
import type { Identity } from '../access/access.js';
import { AppError } from '../errors.js';

/** What is counted together, ms: a short burst above the limit hinders nobody. */
const WINDOW_MS = 10_000;

/** Counts what somebody asks without a request of its own. @throws AppError RATE_LIMITED */
export type CountAsked = (identity: Identity) => Promise<void>;

/**
 * Limits what one actor may ask, REST and GraphQL together, in this process. It is against programs that run wild, and
 * lets an import of many small calls through. Each answer says in `RateLimit-*` what is left. Strangers are refused before it
 * with next to no work, and tries to sign in have a limit of their own.
 *
 * @param perSecond as it holds now: requests of one actor, on the average of ten seconds
 * @returns counts an operation on a WebSocket, which is no request, together with them
 */
export async function limitRequests(app: FastifyInstance, perSecond: () => number): Promise<CountAsked> {
  await app.register(rateLimit, {
    max: () => (perSecond() * WINDOW_MS) / 1_000,
    timeWindow: WINDOW_MS,
    enableDraftSpec: true,
    // Those that are open to everyone: pages, and the probes of whoever runs the program.
    allowList: ({ identity }) => identity === null,
    keyGenerator: ({ identity, ip }) => identity?.actor.id ?? ip,
    errorResponseBuilder: (_request, { ttl }) => tooMuch(ttl),
  });
  const count = app.createRateLimit();
  return async (identity) => {
    // It looks at no more of a request than this.
    const counted = await count({ identity, routeOptions: {} } as FastifyRequest);
    if (!counted.isAllowed && counted.isExceeded) throw tooMuch(counted.ttl);
  };
}

function tooMuch(ttl: number): AppError {
  return new AppError('RATE_LIMITED', `Too much was asked in a short time: try again in ${Math.ceil(ttl / 1_000)} s.`);
}
