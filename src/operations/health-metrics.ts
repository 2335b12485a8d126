import type pg from 'pg';
import type { Registry } from 'prom-client';
import { addGauge, sharedReading } from '../platform/metrics.js';
import { countProcesses } from './heartbeat.js';
import type { Readiness } from './readiness.js';

/** So long a reading holds, ms. */
const HOLDS_MS = 2_000;

/** Whether the parts of this process work: what `/readyz` says. */
export function addReadinessMetrics(registry: Registry, readiness: Pick<Readiness, 'look'>): void {
  addGauge(
    registry,
    {
      name: 'heliograph_part_works',
      help: 'Whether a part of this process works: 1, else 0. The parts are those of /readyz.',
      labelNames: ['part'],
    },
    async () => Object.entries((await readiness.look()).parts).map(([part, works]) => [{ part }, Number(works)]),
  );
  addGauge(
    registry,
    {
      name: 'heliograph_settings_wrong',
      help: 'Whether the settings as this process read them last are wrong, so that those from before are in force: 1, else 0.',
    },
    async () => [[{}, Number((await readiness.look()).settings.problems.length > 0)]],
  );
}

/** How many processes there are in the whole installation. For those that serve people: N workers would ask N times. */
export function addProcessMetrics(registry: Registry, pool: pg.Pool): void {
  const read = sharedReading(HOLDS_MS, () => countProcesses(pool));
  addGauge(
    registry,
    {
      name: 'heliograph_processes',
      help: 'Processes of the program, on whichever machine, by role: alive, and silent for twenty seconds to ten minutes.',
      labelNames: ['role', 'state'],
    },
    async () => (await read()).map(({ role, state, count }) => [{ role, state }, count]),
  );
}
