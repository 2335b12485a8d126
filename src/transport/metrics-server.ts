import type { AddressInfo } from 'node:net';
import type { Registry } from 'prom-client';
import type { Readiness } from '../operations/readiness.js';
import { explainPort } from '../platform/free-port.js';
import type { Logger } from '../platform/log.js';
import { addHealth } from './health.js';
import { createHttp } from './http.js';
import { addMetrics } from './metrics-route.js';

/** What the server tells, and where. */
export interface MetricsServerOptions {
  host: string;
  /** 0 takes a free one. */
  port: number;
  token: string | null;
  registry: Registry;
  readiness: Pick<Readiness, 'look'>;
  log: Logger;
}

/** A server that only machines ask: whoever watches the program, and whoever decides whether it lives. */
export interface MetricsServer {
  url: string;
  close(): Promise<void>;
}

/**
 * `/metrics`, `/healthz` and `/readyz` on a port of their own: for workers, which have no other, and where the server's own port
 * faces people. @throws AppError when the port can't be opened
 */
export async function startMetricsServer(options: MetricsServerOptions): Promise<MetricsServer> {
  const { host, port, token, registry, readiness, log } = options;
  const app = await createHttp({ log, publicUrl: null });
  addHealth(app, readiness);
  addMetrics(app, registry, { token, otherwise: 'everybody' });
  await app.listen({ port, host, listenTextResolver: () => 'listening for whoever watches' }).catch((error) => {
    throw explainPort(error, port, host);
  });
  const { address, family, port: taken } = app.server.address() as AddressInfo;
  return { url: `http://${family === 'IPv6' ? `[${address}]` : address}:${taken}`, close: () => app.close() };
}
