import type { ChildProgram } from '../src/testing/child-program.js';
import { LiveSocket } from '../src/testing/live-socket.js';
import { PROGRAM_TOKEN, urlOf } from '../src/testing/program.js';
import type { Bench, Figure } from './bench.js';
import { ask, type BenchDatabase, endAll, onStage, start, startShipped } from './children.js';
import { clearMailings, ended, insertMailing } from './dispatch-run.js';
import { memoryOf, shareOfMemory } from './machine.js';

/** As which processes it runs: both in one, as `npm start` has it, or apart. */
const WAYS = { together: ['all'], apart: ['api', 'worker'] } as const;

/** At its highest, MB. */
interface Memory {
  /** Resident, of each process. */
  resident: number[];
  /** Of all at the same moment, and only their part of pages that they share with others. */
  share: number;
}

/** A mailing of few messages, and one of many. */
type Both = Record<'few' | 'many', Memory>;

/** How often it is looked, ms. */
const LOOK_MS = 250;

const FOLLOW = 'subscription ($id: ID!) { mailingProgress(mailingId: $id) { version } }';

/** A mailing to everybody by processes that were just started; somebody follows it. */
async function memoryRun({ databaseUrl, pool }: BenchDatabase, dir: string, way: keyof typeof WAYS): Promise<Memory> {
  const sink = start('sink.js');
  const { url: gatewayUrl } = await ask(sink);
  const programs: ChildProgram[] = [];
  try {
    for (const role of WAYS[way]) programs.push(await startShipped(role, { databaseUrl, gatewayUrl, dir }));
    const live = await LiveSocket.admitted(await urlOf(programs[0]!), PROGRAM_TOKEN);
    const mailingId = await insertMailing(pool);
    live.subscribe('1', FOLLOW, { id: mailingId });
    const { type } = await live.next('1');
    if (type !== 'next') throw new Error(`the mailing can not be followed: ${type}`);
    let share = 0;
    const look = setInterval(() => {
      share = Math.max(share, sum(programs.map(({ pid }) => shareOfMemory(pid))));
    }, LOOK_MS);
    await ended(pool, mailingId).finally(() => clearInterval(look));
    live.socket.terminate();
    return { resident: programs.map(({ pid }) => memoryOf(pid).most), share };
  } finally {
    await endAll(programs);
    sink.disconnect();
    await clearMailings(pool);
  }
}

function sum(values: readonly number[]): number {
  return values.reduce((all, value) => all + value, 0);
}

const APART =
  'Each process has Node, and the code that both need, for itself; the line below counts the pages once that the system has once.';

function figuresOf(together: Both[], apart: Both[], [few, many]: readonly [string, string]): Figure[] {
  const of = (what: string, all: Both[], pick: (one: Memory) => number): Figure => ({
    what: `${what}, ${many} messages`,
    unit: 'MB',
    values: all.map((one) => pick(one.many)),
    counterpart: { what: `${few} messages`, values: all.map((one) => pick(one.few)) },
  });
  const must: Figure['must'] = [
    { of: 'median', most: 300 },
    { of: 'ratio', most: 1.2 },
  ];
  const whole = ({ resident }: Memory) => sum(resident);
  return [
    { ...of('API and worker in one process', together, whole), must },
    { ...of('API and worker apart', apart, whole), must, why: APART },
    of('… pages that both have counted once', apart, ({ share }) => share),
    of('… API', apart, ({ resident }) => resident[0]!),
    of('… worker', apart, ({ resident }) => resident[1]!),
  ];
}

/** Whether memory grows with the mailing. */
export const memory: Bench = {
  name: 'memory',
  does: 'resident memory at its highest of an API and a worker as they are shipped, started anew for each mailing',
  sizes: { messages: 100_000, many: 1_000_000 },
  run: async ({ runs, size, say }) =>
    onStage(async (stage) => {
      const databases = { few: await stage.withClients(size('messages')), many: await stage.withClients(size('many')) };
      const all: Record<keyof typeof WAYS, Both[]> = { together: [], apart: [] };
      for (let run = 1; run <= runs; run += 1) {
        for (const way of ['together', 'apart'] as const) {
          const few = await memoryRun(databases.few, stage.dir, way);
          const many = await memoryRun(databases.many, stage.dir, way);
          all[way].push({ few, many });
          const mb = ({ resident }: Memory) => resident.map(Math.round).join(' + ');
          say(`run ${run}, ${way}: ${mb(few)} MB, with more messages ${mb(many)} MB`);
        }
      }
      const shown = (count: number) => count.toLocaleString('en');
      return figuresOf(all.together, all.apart, [shown(size('messages')), shown(size('many'))]);
    }),
};
