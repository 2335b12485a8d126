import type { Bench, BenchOptions, Figure } from './bench.js';
import { ask, type BenchDatabase, onStage, start, stop } from './children.js';
import { clearMailings, cpuSince, dispatchRun, type Run } from './dispatch-run.js';
import { memoryOf } from './machine.js';

/** The bare loop, once. */
async function bareRun({ databaseUrl, pool }: BenchDatabase, messages: number, postgresPid: number): Promise<Run> {
  const sink = start('sink.js');
  const { url } = await ask(sink);
  const loop = start('bare-loop.js', databaseUrl, url, String(messages));
  await ask(loop);
  await pool.query('checkpoint');
  const cpu = cpuSince([loop], sink, { messages, postgresPid });
  const { seconds } = await ask(loop, 'go');
  const run = { messagesPerSecond: messages / seconds, ...cpu(), memory: memoryOf(loop.pid!).most };
  const { requests } = await ask(sink, 'report');
  await stop(loop);
  sink.disconnect();
  if (requests !== messages) throw new Error(`the bare loop made ${requests} requests instead of ${messages}`);
  return run;
}

/** Both, turn about. */
interface Turns {
  bare: Run[];
  program: Run[];
}

const say = (value: number) => Math.round(value).toLocaleString('en');

async function turns(messages: number, { runs, say: tell }: BenchOptions): Promise<Turns> {
  return await onStage(async ({ withClients, postgresPid }) => {
    const database = await withClients(messages);
    const bare: Run[] = [];
    const program: Run[] = [];
    for (let run = 1; run <= runs; run += 1) {
      bare.push(await bareRun(database, messages, postgresPid));
      await clearMailings(database.pool);
      program.push(await dispatchRun(database, { messages, postgresPid }));
      const speed = (all: Run[]) => `${say(all.at(-1)!.messagesPerSecond)}/s`;
      tell(`${say(messages)}, run ${run}: bare loop ${speed(bare)}, heliograph ${speed(program)}`);
    }
    return { bare, program };
  });
}

const WHY =
  'The bare loop makes no statuses, counts, versions, change rows or lines of log, and its own figures say how fast the machine was: where the time goes is in docs/performance.md.';

function figuresOf(messages: number, { bare, program }: Turns): Figure[] {
  const of = (what: string, unit: string, key: keyof Run, must: Figure['must']): Figure => ({
    what: `${say(messages)} messages: ${what}`,
    unit,
    values: program.map((run) => run[key]),
    counterpart: { what: 'bare loop', values: bare.map((run) => run[key]) },
    ...(must && { must }),
  });
  return [
    {
      ...of('speed', 'messages/s', 'messagesPerSecond', [
        { of: 'ratio', least: 0.8 },
        { of: 'median', least: 20_000 },
      ]),
      why: WHY,
    },
    of('CPU of Node a message', 'µs', 'nodeMicros', [{ of: 'median', most: 40 }]),
    of('CPU of PostgreSQL a message', 'µs', 'postgresMicros', [{ of: 'median', most: 20 }]),
    of('CPU of the sink a message', 'µs', 'sinkMicros', undefined),
    of('memory of the worker', 'MB', 'memory', undefined),
  ];
}

/** How fast it sends, from the beginning of the launch to the last recorded message. */
export const dispatch: Bench = {
  name: 'dispatch',
  does: 'one worker, launch included, beside a bare loop with the same HTTP call',
  sizes: { messages: 100_000, many: 1_000_000 },
  async run(options) {
    const [messages, many] = [options.size('messages'), options.size('many')];
    const few = await turns(messages, options);
    const lots = await turns(many, options);
    const speed = (all: Run[]) => all.map((run) => run.messagesPerSecond);
    return [
      ...figuresOf(messages, few),
      ...figuresOf(many, lots),
      {
        what: `${say(many)} messages: speed beside fewer`,
        unit: 'messages/s',
        values: speed(lots.program),
        counterpart: { what: `${say(messages)} messages`, values: speed(few.program) },
        must: [{ of: 'ratio', least: 0.85 }],
      },
    ];
  },
};
