import { setTimeout as sleep } from 'node:timers/promises';
import type { Bench, Figure } from './bench.js';
import { ask, type BenchStage, endAll, onStage, start, startShipped } from './children.js';
import { cpuOf, cpuOfPostgres } from './machine.js';

/** Time for what a start brings with it to be over, s. */
const SETTLE_S = 10;
/** So many sweeps before the first look, that everything there is to load is loaded. */
const WARM_UP = 600;

/** Share of one core, %. */
interface Shares {
  api: number;
  worker: number;
  postgres: number;
}

async function sharesOf({ databaseUrl, dir, postgresPid }: BenchStage, seconds: number): Promise<Shares> {
  const to = { databaseUrl, gatewayUrl: 'http://127.0.0.1:9', dir };
  const api = await startShipped('api', to);
  const worker = await startShipped('worker', to);
  try {
    await sleep(SETTLE_S * 1_000);
    const look = () => ({ api: cpuOf(api.pid), worker: cpuOf(worker.pid), postgres: cpuOfPostgres(postgresPid) });
    const [before, begun] = [look(), performance.now()];
    await sleep(seconds * 1_000);
    const [after, micros] = [look(), (performance.now() - begun) * 1_000];
    const share = (key: keyof Shares) => (100 * (after[key] - before[key])) / micros;
    return { api: share('api'), worker: share('worker'), postgres: share('postgres') };
  } finally {
    await endAll([api, worker]);
  }
}

/** MB that are held before and after so many sweeps, and what one takes, µs. */
interface Growth {
  before: number;
  after: number;
  micros: number;
}

async function growthOf({ databaseUrl }: BenchStage, sweeps: number): Promise<Growth> {
  const child = start('idle-process.js', databaseUrl);
  await ask(child);
  const { bytes: before } = await ask(child, String(WARM_UP));
  const { bytes: after, micros } = await ask(child, String(sweeps));
  child.kill('SIGKILL');
  return { before: before / 1e6, after: after / 1e6, micros };
}

function figuresOf(shares: readonly Shares[], growths: readonly Growth[], sweeps: number): Figure[] {
  const unit = '% of a core';
  const of = (what: string, pick: (one: Shares) => number): Figure => ({ what, unit, values: shares.map(pick) });
  const all = of('API, worker and PostgreSQL', ({ api, worker, postgres }) => api + worker + postgres);
  return [
    {
      ...all,
      must: [{ of: 'median', most: 1 }],
      why: 'Each second a worker looks by some thirteen short statements for what no bell told of, which is what a bell that was lost costs at the most.',
    },
    of('API', ({ api }) => api),
    of('worker', ({ worker }) => worker),
    of('PostgreSQL', ({ postgres }) => postgres),
    {
      what: `memory that is held after ${sweeps.toLocaleString('en')} sweeps`,
      unit: 'MB',
      values: growths.map(({ after }) => after),
      counterpart: { what: 'before', values: growths.map(({ before }) => before) },
      must: [{ of: 'ratio', most: 1.02 }],
    },
    { what: 'CPU of Node a sweep', unit: 'µs', values: growths.map(({ micros }) => micros) },
  ];
}

/** What it costs to have it running. */
export const idle: Bench = {
  name: 'idle',
  does: 'an API and a worker as they are shipped with nothing to do; and the sweeps of an hour one after the other',
  sizes: { seconds: 60, sweeps: 3_600 },
  run: async ({ runs, size, say }) =>
    onStage(async (stage) => {
      const shares: Shares[] = [];
      const growths: Growth[] = [];
      for (let run = 1; run <= runs; run += 1) {
        shares.push(await sharesOf(stage, size('seconds')));
        growths.push(await growthOf(stage, size('sweeps')));
        const { api, worker, postgres } = shares.at(-1)!;
        const { before, after } = growths.at(-1)!;
        const of = (name: string, share: number) => `${name} ${share.toFixed(2)} %`;
        say(
          `run ${run}: ${of('API', api)}, ${of('worker', worker)}, ${of('PostgreSQL', postgres)}; ${before.toFixed(2)} → ${after.toFixed(2)} MB`,
        );
      }
      return figuresOf(shares, growths, size('sweeps'));
    }),
};
