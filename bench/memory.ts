import { LiveSocket } from '../src/testing/live-socket.js';
import { PROGRAM_TOKEN, urlOf } from '../src/testing/program.js';
import type { Bench, Figure } from './bench.js';
import { ask, type BenchDatabase, type BenchStage, endAll, onStage, start, startShipped } from './children.js';
import { clearMailings, ended, insertMailing } from './dispatch-run.js';
import { memoryOf, shareOfMemory } from './machine.js';

/** Resident memory at its highest, MB. */
interface Memory {
  api: number;
  worker: number;
  /** Of both at the same moment, and only their part of pages that they share with others. */
  together: number;
}

/** How often it is looked, ms. */
const LOOK_MS = 250;

const FOLLOW = 'subscription ($id: ID!) { mailingProgress(mailingId: $id) { version } }';

/** A mailing to everybody by an API and a worker that were just started; somebody follows it. */
async function memoryRun({ databaseUrl, pool }: BenchDatabase, dir: string): Promise<Memory> {
  const sink = start('sink.js');
  const { url: gatewayUrl } = await ask(sink);
  const to = { databaseUrl, gatewayUrl, dir };
  const api = await startShipped('api', to);
  const worker = await startShipped('worker', to);
  try {
    const live = await LiveSocket.admitted(await urlOf(api), PROGRAM_TOKEN);
    const mailingId = await insertMailing(pool);
    live.subscribe('1', FOLLOW, { id: mailingId });
    const { type } = await live.next('1');
    if (type !== 'next') throw new Error(`the mailing can not be followed: ${type}`);
    let together = 0;
    const look = setInterval(() => {
      together = Math.max(together, shareOfMemory(api.pid) + shareOfMemory(worker.pid));
    }, LOOK_MS);
    await ended(pool, mailingId).finally(() => clearInterval(look));
    live.socket.terminate();
    return { api: memoryOf(api.pid).most, worker: memoryOf(worker.pid).most, together };
  } finally {
    await endAll([api, worker]);
    sink.disconnect();
    await clearMailings(pool);
  }
}

function figuresOf(few: Memory[], many: Memory[], [messages, lots]: readonly [string, string]): Figure[] {
  const of = (what: string, pick: (one: Memory) => number): Figure => ({
    what: `${what}, ${lots} messages`,
    unit: 'MB',
    values: many.map(pick),
    counterpart: { what: `${messages} messages`, values: few.map(pick) },
  });
  const both = of('API and worker together', ({ api, worker }) => api + worker);
  const must: Figure['must'] = [
    { of: 'median', most: 300 },
    { of: 'ratio', most: 1.2 },
  ];
  const shared = of('both at the same moment, of shared pages their part', ({ together }) => together);
  return [{ ...both, must }, shared, of('API', ({ api }) => api), of('worker', ({ worker }) => worker)];
}

async function measure(stage: BenchStage, databases: readonly BenchDatabase[]): Promise<Memory[]> {
  const all: Memory[] = [];
  for (const database of databases) all.push(await memoryRun(database, stage.dir));
  return all;
}

/** Whether memory grows with the mailing. */
export const memory: Bench = {
  name: 'memory',
  does: 'resident memory at its highest of an API and a worker as they are shipped, started anew for each mailing',
  sizes: { messages: 100_000, many: 1_000_000 },
  run: async ({ runs, size, say }) =>
    onStage(async (stage) => {
      const databases = [await stage.withClients(size('messages')), await stage.withClients(size('many'))];
      const [few, many]: [Memory[], Memory[]] = [[], []];
      for (let run = 1; run <= runs; run += 1) {
        const [one, other] = await measure(stage, databases);
        few.push(one!);
        many.push(other!);
        const both = ({ api, worker }: Memory) => `${Math.round(api)} + ${Math.round(worker)} MB`;
        say(`run ${run}: API + worker ${both(one!)}, with more messages ${both(other!)}`);
      }
      return figuresOf(few, many, [size('messages').toLocaleString('en'), size('many').toLocaleString('en')]);
    }),
};
