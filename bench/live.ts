import { setTimeout as sleep } from 'node:timers/promises';
import { TOKEN } from './ask-api.js';
import type { Bench, Figure } from './bench.js';
import { ask, type BenchStage, onStage, start, stop } from './children.js';
import { clearMailings, ended, insertMailing } from './dispatch-run.js';
import { memoryOf } from './machine.js';
import { startProgram } from './program.js';

/** Who watches. */
interface Watchers {
  progress: number;
  statuses: number;
}

/** What sending with somebody or nobody watching came to. */
interface Run {
  messagesPerSecond: number;
  /** The API and the worker at their highest, MB. */
  memory: number;
  /** ms; null: nobody watched. */
  p95: number | null;
}

/** The API as it is run in earnest, one worker and a sink of their own, so that no run finds what another left in memory. */
async function runOf(
  { databaseUrl, pool, dir }: BenchStage,
  messages: number,
  watchers: Watchers | null,
): Promise<Run> {
  await clearMailings(pool);
  const sink = start('sink.js');
  const { url: gateway } = await ask(sink);
  const env = { DATABASE_URL: databaseUrl, ROLE: 'api', ADMIN_TOKEN: TOKEN, API_RATE_LIMIT: '100000' };
  const api = await startProgram(dir, env);
  const worker = start('dispatch-process.js', databaseUrl, gateway);
  await ask(worker);
  const mailingId = await insertMailing(pool, { status: 'DRAFT' });
  const args = watchers && [api.url, TOKEN, mailingId, String(watchers.progress), String(watchers.statuses)];
  const watching = args && start('live-watchers.js', ...args);
  if (watching) await ask(watching);
  await pool.query(`checkpoint`);
  await pool.query(`update mailing set status = 'SCHEDULED', starts_at = clock_timestamp() where id = $1`, [mailingId]);
  const { seconds, sent } = await ended(pool, mailingId);
  if (sent !== messages) throw new Error(`${sent} were sent instead of ${messages}`);
  // What was last is on its way.
  if (watching) await sleep(1_000);
  const seen = watching && (await ask(watching, 'report'));
  if (seen && (seen.progressEvents === 0 || seen.statusEvents === 0))
    throw new Error('nothing was told to those who watch');
  const memory = memoryOf(api.pid).most + memoryOf(worker.pid!).most;
  watching?.disconnect();
  await stop(worker);
  await api.stop();
  sink.disconnect();
  return { messagesPerSecond: messages / seconds, memory, p95: seen?.p95 ?? null };
}

const say = (value: number) => Math.round(value).toLocaleString('en');

function figuresOf(watched: Run[], alone: Run[]): Figure[] {
  const beside = (values: number[]) => ({ what: 'no subscriber', values });
  return [
    {
      what: 'sending while they watch',
      unit: 'messages/s',
      values: watched.map((run) => run.messagesPerSecond),
      counterpart: beside(alone.map((run) => run.messagesPerSecond)),
      must: [{ of: 'ratio', least: 0.8 }],
      why: 'What a thousand sockets are told takes a part of one of the cores that the worker and PostgreSQL share.',
    },
    {
      what: 'written → on the socket, p95 of messageStatusChanged',
      unit: 'ms',
      values: watched.map((run) => run.p95!),
      must: [{ of: 'median', most: 300 }],
    },
    {
      what: 'memory of API and worker',
      unit: 'MB',
      values: watched.map((run) => run.memory),
      counterpart: beside(alone.map((run) => run.memory)),
      must: [{ of: 'median', most: 500 }],
    },
  ];
}

/** What a thousand who watch a mailing at full speed cost it, and how soon they are told. */
export const live: Bench = {
  name: 'live',
  does: 'sockets on the progress of one mailing, a tenth of them not reading, and ten on its statuses, at full speed',
  sizes: { messages: 200_000, sockets: 1_000 },
  async run({ runs, size, say: tell }) {
    const messages = size('messages');
    const watchers = { progress: size('sockets'), statuses: 10 };
    return await onStage(async (stage) => {
      const database = { ...stage, ...(await stage.withClients(messages)) };
      const [watched, alone]: [Run[], Run[]] = [[], []];
      for (let run = 1; run <= runs; run += 1) {
        alone.push(await runOf(database, messages, null));
        watched.push(await runOf(database, messages, watchers));
        const speed = (all: Run[]) => `${say(all.at(-1)!.messagesPerSecond)}/s`;
        tell(`run ${run}: nobody watches ${speed(alone)}, ${watchers.progress} watch ${speed(watched)}`);
      }
      return figuresOf(watched, alone);
    });
  },
};
