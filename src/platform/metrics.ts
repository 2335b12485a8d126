import type pg from 'pg';
import { collectDefaultMetrics, Gauge, type GaugeConfiguration, type LabelValues, Registry } from 'prom-client';

/** A value that takes longer to be had is left out of the answer, ms: Prometheus itself waits ten seconds. */
const KNOWN_WITHIN_MS = 3_000;

/**
 * How often the event loop's delay is looked at, ms, which is the least that it can say: at prom-client's own ten this would be two
 * thirds of what an idle API does. The alert is about half a second.
 */
const LOOP_LOOK_MS = 100;

/** What a process says of itself in `heliograph_build_info`. */
export interface BuildInfo {
  version: string;
  role: string;
}

/**
 * What one process counts, for `/metrics`. Each room keeps its own counters on it (`…-metrics.ts`); here are those of the process
 * itself. Names follow Prometheus' conventions: base units, `_total` for what only grows. No label is ever an id, a phone or a
 * text, so that a process has some hundred series however many mailings there are. docs/metrics.md lists all of them.
 */
export function createRegistry({ version, role }: BuildInfo): Registry {
  const registry = new Registry();
  collectDefaultMetrics({ register: registry, eventLoopMonitoringPrecision: LOOP_LOOK_MS });
  new Gauge({
    name: 'heliograph_build_info',
    help: 'Always 1: the version and the role of the process are in its labels.',
    labelNames: ['version', 'node_version', 'role'],
    registers: [registry],
  }).set({ version, node_version: process.version, role }, 1);
  return registry;
}

/** A value of a gauge, with its labels. */
export type Reading<L extends string> = readonly [labels: LabelValues<L>, value: number];

/** What a gauge is called. */
export type GaugeNames<L extends string> = Pick<GaugeConfiguration<L>, 'name' | 'help'> & { labelNames?: readonly L[] };

/**
 * A gauge that is read when somebody asks. What cannot be read, or not soon, is left out rather than told as it was: an alert
 * about it has to see that it is not known.
 */
export function addGauge<L extends string>(
  registry: Registry,
  { name, help, labelNames = [] }: GaugeNames<L>,
  read: () => readonly Reading<L>[] | Promise<readonly Reading<L>[]>,
): void {
  new Gauge({
    name,
    help,
    labelNames: [...labelNames],
    registers: [registry],
    async collect() {
      const readings = await inTime(Promise.resolve().then(read)).catch(() => []);
      this.reset();
      // A gauge without labels is 0 after a reset.
      if (labelNames.length === 0) this.remove();
      for (const [labels, value] of readings) this.set(labels, value);
    },
  });
}

/** Bounded here, and without a timer that would keep a process from ending. */
async function inTime<T>(work: Promise<T>): Promise<T> {
  const late = Promise.withResolvers<never>();
  const timer = setTimeout(() => late.reject(new Error('not known in time')), KNOWN_WITHIN_MS).unref();
  return await Promise.race([work, late.promise]).finally(() => clearTimeout(timer));
}

/** One reading for all gauges that tell a part of it, held for a while: however often somebody asks, it costs no more. */
export function sharedReading<T>(holdsMs: number, read: () => Promise<T>): () => Promise<T> {
  let latest: Promise<T> | undefined;
  return () => {
    latest ??= read().finally(() =>
      setTimeout(() => {
        latest = undefined;
      }, holdsMs).unref(),
    );
    return latest;
  };
}

/** How busy the pools of connections are. */
export class PoolMetrics {
  readonly #pools = new Map<string, pg.Pool>();

  constructor(registry: Registry) {
    const pools = () => [...this.#pools];
    addGauge(
      registry,
      {
        name: 'heliograph_pool_connections',
        help: 'Connections to PostgreSQL that a pool has open: busy, idle.',
        labelNames: ['pool', 'state'],
      },
      () =>
        pools().flatMap(([pool, { totalCount, idleCount }]) => [
          [{ pool, state: 'busy' }, totalCount - idleCount] as const,
          [{ pool, state: 'idle' }, idleCount] as const,
        ]),
    );
    addGauge(
      registry,
      {
        name: 'heliograph_pool_max_connections',
        help: 'Connections a pool opens at the most.',
        labelNames: ['pool'],
      },
      () => pools().map(([pool, { options }]) => [{ pool }, options.max ?? 0]),
    );
    addGauge(
      registry,
      {
        name: 'heliograph_pool_waiting_requests',
        help: 'Statements that wait for a connection of a pool.',
        labelNames: ['pool'],
      },
      () => pools().map(([pool, { waitingCount }]) => [{ pool }, waitingCount]),
    );
  }

  /** @param name as it is shown */
  watch<P extends pg.Pool>(name: string, pool: P): P {
    this.#pools.set(name, pool);
    return pool;
  }
}
