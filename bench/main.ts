import 'reflect-metadata';
import { availableParallelism, cpus, loadavg } from 'node:os';
import { ask, onStage, start } from './children.js';
import { dispatchRun, type Run } from './dispatch-run.js';

/**
 * `npm run bench -- [--messages 100000] [--runs 3]`: the program beside the bare loop, turn about, in one run. From the
 * beginning of the launch to the last recorded message. Exit code 1 when it is slower than it must be.
 */

/** What the program must reach; a run too short for it says little. */
const LEAST = { ratio: 0.5, messagesPerSecond: 10_000 };

const option = (name: string, fallback: number) => {
  const at = process.argv.indexOf(`--${name}`);
  return at < 0 ? fallback : Number(process.argv[at + 1]);
};
const messages = option('messages', 100_000);
const runs = option('runs', 3);

const micros = (cpu: NodeJS.CpuUsage) => (cpu.user + cpu.system) / messages;

async function bareRun(databaseUrl: string): Promise<Run> {
  const sink = start('sink.js');
  const { url } = await ask(sink);
  const { seconds, cpu, memory } = await ask(start('bare-loop.js', databaseUrl, url, String(messages)));
  const report = await ask(sink, 'report');
  if (report.requests !== messages)
    throw new Error(`the bare loop made ${report.requests} requests instead of ${messages}`);
  sink.disconnect();
  return { messagesPerSecond: messages / seconds, nodeMicros: micros(cpu), sinkMicros: micros(report.cpu), memory };
}

function line(name: string, all: Run[]): string {
  const of = (pick: (run: Run) => number) => all.map(pick).sort((a, b) => a - b);
  const speed = of((run) => run.messagesPerSecond);
  const cell = (value: number) => Math.round(value).toLocaleString('en').padStart(9);
  const median = (values: number[]) => values[Math.floor(values.length / 2)]!;
  return `${name.padEnd(14)}${cell(median(speed))}${cell(speed[0]!)}${cell(speed.at(-1)!)}${cell(median(of((run) => run.nodeMicros)))}${cell(
    median(of((run) => run.sinkMicros)),
  )}${cell(median(of((run) => run.memory)))}\n`;
}

const out = process.stdout;
await onStage(async ({ databaseUrl, pool }) => {
  await pool.query(
    `insert into client (phone, operator_code, tags, time_zone) select (79000000000 + n)::text, '900', '{}', 'Europe/Moscow' from generate_series(1, $1) n`,
    [messages],
  );
  await pool.query('vacuum analyze client');
  out.write(
    `${messages.toLocaleString('en')} messages, ${runs} ${runs === 1 ? 'run' : 'runs'} turn about; Node ${process.version}, PostgreSQL 18 embedded, ` +
      `${availableParallelism()} × ${cpus()[0]?.model.trim()}, load ${loadavg()[0]!.toFixed(2)}\n`,
  );
  const bare: Run[] = [];
  const program: Run[] = [];
  for (let run = 0; run < runs; run += 1) {
    bare.push(await bareRun(databaseUrl));
    program.push(await dispatchRun(databaseUrl, pool, messages));
    const speed = (all: Run[]) => `${Math.round(all.at(-1)!.messagesPerSecond).toLocaleString('en')}/s`;
    out.write(`  run ${run + 1}: bare loop ${speed(bare)}, heliograph ${speed(program)}\n`);
  }
  out.write(`${''.padEnd(14)}  msg/s med      min      max  node µs  sink µs       MB\n`);
  out.write(line('bare loop', bare));
  out.write(line('heliograph', program));
  const middle = (all: Run[]) =>
    all.map((run) => run.messagesPerSecond).sort((a, b) => a - b)[Math.floor(all.length / 2)]!;
  const ratio = middle(program) / middle(bare);
  out.write(
    'node µs, sink µs: CPU time a message of the sending process and of the sink; MB: most memory of the sender\n',
  );
  out.write(`ratio ${ratio.toFixed(2)} (at least ${LEAST.ratio}), `);
  out.write(
    `${Math.round(middle(program)).toLocaleString('en')} messages/s (at least ${LEAST.messagesPerSecond.toLocaleString('en')})\n`,
  );
  if (ratio < LEAST.ratio || middle(program) < LEAST.messagesPerSecond) process.exitCode = 1;
});
