import { Asker, p95, TOKEN } from './ask-api.js';
import type { Bench, Figure } from './bench.js';
import { ask, type BenchStage, onStage, start } from './children.js';
import { clearMailings, ended, insertMailing } from './dispatch-run.js';
import { type Program, startProgram } from './program.js';

/** The first page that somebody sees while a mailing is sent. */
const QUERY = `{ mailings(first: 20) { edges { node { id name status progress { total sent open ratePerSecond } } } } clients(first: 50) { edges { node { id phone tags } } } }`;
/** Requests without a mailing to compare with. */
const IDLE_REQUESTS = 300;

/** What one run came to, ms. */
interface Run {
  idle: number;
  busy: number;
  /** Event-loop delay at the 99.9th percentile, while it is sending. */
  apiLoop: number;
  workerLoop: number;
}

/** API and worker as in production: processes of their own. */
interface Programs {
  api: Program;
  worker: Program;
  asker: Asker;
}

async function idleP95(asker: Asker): Promise<number> {
  const times: number[] = [];
  while (times.length < IDLE_REQUESTS) times.push(await asker.ask({ query: QUERY }));
  return p95(times);
}

/** Asks for as long as a mailing is being sent. */
async function runOf({ pool }: BenchStage, { api, worker, asker }: Programs, rateLimit: number): Promise<Run> {
  await clearMailings(pool);
  const idle = await idleP95(asker);
  await Promise.all([api.loopDelay(), worker.loopDelay()]);
  const sending = { isOver: false };
  const over = ended(pool, await insertMailing(pool, { rateLimit })).finally(() => {
    sending.isOver = true;
  });
  const times: number[] = [];
  while (!sending.isOver) times.push(await asker.ask({ query: QUERY }));
  await over;
  const [apiLoop, workerLoop] = await Promise.all([api.loopDelay(), worker.loopDelay()]);
  return { idle, busy: p95(times), apiLoop, workerLoop };
}

/** Messages a second without a limit, while nobody asks. */
async function fullSpeed({ pool }: BenchStage, messages: number): Promise<number> {
  await clearMailings(pool);
  const { seconds } = await ended(pool, await insertMailing(pool));
  return messages / seconds;
}

function figuresOf(taken: Run[]): Figure[] {
  const of = (key: keyof Run) => taken.map((run) => run[key]);
  return [
    {
      what: 'API at half of full speed, p95',
      unit: 'ms',
      values: of('busy'),
      counterpart: { what: 'idle', values: of('idle') },
      must: [{ of: 'ratio', most: 2 }],
      why: 'API, worker, PostgreSQL and sink share the cores: on two of them a request waits for its turn.',
    },
    {
      what: 'event-loop delay of the API, p99.9',
      unit: 'ms',
      values: of('apiLoop'),
      must: [{ of: 'median', most: 50 }],
    },
    {
      what: 'event-loop delay of the worker, p99.9',
      unit: 'ms',
      values: of('workerLoop'),
      must: [{ of: 'median', most: 50 }],
    },
  ];
}

/** Whether people notice that a mailing is being sent. */
export const busyApi: Bench = {
  name: 'busy-api',
  does: 'what a page takes while a mailing is sent at half of full speed, beside an idle program',
  sizes: { messages: 200_000 },
  async run({ runs, size, say }) {
    const messages = size('messages');
    return await onStage(async (stage) => {
      const database = { ...stage, ...(await stage.withClients(messages)) };
      const sink = start('sink.js');
      const { url: gateway } = await ask(sink);
      const env = { DATABASE_URL: database.databaseUrl, GATEWAY_URL: gateway, ADMIN_TOKEN: TOKEN };
      const api = await startProgram(stage.dir, { ...env, ROLE: 'api', API_RATE_LIMIT: '100000' });
      const worker = await startProgram(stage.dir, { ...env, ROLE: 'worker' });
      const asker = new Asker(api.url);
      try {
        const full = await fullSpeed(database, messages);
        say(`full speed: ${Math.round(full).toLocaleString('en')} messages/s`);
        await idleP95(asker);
        const taken: Run[] = [];
        for (let run = 1; run <= runs; run += 1) {
          taken.push(await runOf(database, { api, worker, asker }, Math.max(1, Math.round(full / 2))));
          const { idle, busy } = taken.at(-1)!;
          say(`run ${run}: idle ${idle.toFixed(1)} ms, at half of full speed ${busy.toFixed(1)} ms`);
        }
        return figuresOf(taken);
      } finally {
        await asker.close();
        await api.stop();
        await worker.stop();
        sink.disconnect();
      }
    });
  },
};
