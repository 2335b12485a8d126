import type { Bench, Figure } from './bench.js';
import { onStage } from './children.js';
import { clearMailings, type DispatchOptions, dispatchRun } from './dispatch-run.js';

/** How long a slow gateway takes, ms, and how many requests each process has under way with it. */
const SLOW = { latencyMs: 50, settings: { GATEWAY_CONCURRENCY: '64' } };

/** What is measured, turn about. */
const CASES = ['one', 'two', 'four', 'oneSlow', 'twoSlow'] as const;
type Speeds = Record<(typeof CASES)[number], number[]>;

function figuresOf({ one, two, four, oneSlow, twoSlow }: Speeds): Figure[] {
  const unit = 'messages/s';
  const counterpart = { what: 'one', values: one };
  const slow = `a gateway of ${SLOW.latencyMs} ms, ${SLOW.settings.GATEWAY_CONCURRENCY} under way each`;
  return [
    { what: 'two processes', unit, values: two, counterpart, must: [{ of: 'ratio', least: 0.95 }] },
    {
      what: 'four processes',
      unit,
      values: four,
      counterpart,
      must: [{ of: 'ratio', least: 0.95 }],
      why: 'One process and its PostgreSQL fill two cores already: each further one has its own code to compile there, and takes turns with the others.',
    },
    {
      what: `two processes, ${slow}`,
      unit,
      values: twoSlow,
      counterpart: { what: 'one', values: oneSlow },
      must: [{ of: 'ratio', least: 1.8 }],
    },
  ];
}

/** Several processes on one mailing. */
export const workers: Bench = {
  name: 'workers',
  does: 'two and four worker processes on one mailing beside one, at full speed and with a slow gateway',
  sizes: { messages: 100_000, slow: 20_000 },
  run: async ({ runs, size, say }) =>
    onStage(async ({ withClients, postgresPid }) => {
      const fast = { database: await withClients(size('messages')), messages: size('messages') };
      const slow = { database: await withClients(size('slow')), messages: size('slow'), ...SLOW };
      const cases: Record<keyof Speeds, typeof fast & Partial<DispatchOptions>> = {
        one: fast,
        two: { ...fast, workers: 2 },
        four: { ...fast, workers: 4 },
        oneSlow: slow,
        twoSlow: { ...slow, workers: 2 },
      };
      const speeds: Speeds = { one: [], two: [], four: [], oneSlow: [], twoSlow: [] };
      for (let run = 1; run <= runs; run += 1) {
        for (const name of CASES) {
          const { database, ...options } = cases[name];
          const { messagesPerSecond } = await dispatchRun(database, { ...options, postgresPid });
          speeds[name].push(messagesPerSecond);
          await clearMailings(database.pool);
        }
        say(`run ${run}: ${CASES.map((name) => `${name} ${Math.round(speeds[name].at(-1)!)}/s`).join(', ')}`);
      }
      return figuresOf(speeds);
    }),
};
