import { createHash, timingSafeEqual } from 'node:crypto';
import type { FastifyInstance, FastifyRequest } from 'fastify';
import type { Registry } from 'prom-client';
import { AppError } from '../errors.js';

/** Who may read the metrics. */
export interface MetricsAudience {
  /** Whoever brings this bearer token; null: without one. */
  token: string | null;
  /** Where there is no token: everybody who reaches the port, those on this machine, or nobody. */
  otherwise: 'everybody' | 'this-machine' | 'nobody';
}

/** Headers by which a proxy on this machine speaks for somebody elsewhere. */
const SPEAKS_FOR_OTHERS = ['x-forwarded-for', 'x-real-ip', 'forwarded'];
const LOOPBACK = new Set(['127.0.0.1', '::1', '::ffff:127.0.0.1']);
const LOCAL_HOST = /^(?:localhost|127\.0\.0\.1|\[::1\])(?::\d+)?$/i;

/** `/metrics` in Prometheus' text format: counts of the whole process, and of nobody in particular. */
export function addMetrics(app: FastifyInstance, registry: Registry, audience: MetricsAudience): void {
  app.get('/metrics', { config: { allow: 'everyone' } }, async (request, reply) => {
    admit(request, audience);
    const text = await registry.metrics();
    return reply.header('cache-control', 'no-store').type(registry.contentType).send(text);
  });
}

/** @throws AppError UNAUTHENTICATED, FORBIDDEN */
function admit(request: FastifyRequest, { token, otherwise }: MetricsAudience): void {
  if (token !== null) {
    if (isSame(request.headers.authorization ?? '', `Bearer ${token}`)) return;
    throw new AppError(
      'UNAUTHENTICATED',
      'The metrics are for whoever has the METRICS_TOKEN: send it as a bearer token.',
    );
  }
  if (otherwise === 'everybody' || (otherwise === 'this-machine' && isFromHere(request))) return;
  throw new AppError(
    'FORBIDDEN',
    'The metrics are closed: set METRICS_TOKEN, or METRICS_PORT for a port of their own.',
  );
}

/** In a time that says nothing about either, whatever their lengths. */
function isSame(given: string, wanted: string): boolean {
  const [a, b] = [given, wanted].map((text) => createHash('sha256').update(text).digest());
  return timingSafeEqual(a!, b!);
}

/** Nor by a page of another site whose name was made to lead here. */
function isFromHere({ socket, headers }: FastifyRequest): boolean {
  if (SPEAKS_FOR_OTHERS.some((name) => headers[name] !== undefined)) return false;
  return LOOPBACK.has(socket.remoteAddress ?? '') && LOCAL_HOST.test(headers.host ?? '');
}
