import type { Bench } from './bench.js';
import { onStage } from './children.js';
import { clearMailings, dispatchRun, type Run } from './dispatch-run.js';

/** How long the gateway takes, ms, and how many requests may be under way. */
const GATEWAY = { latencyMs: 100, concurrency: 512 };

/** How much of what a slow gateway allows is used. */
export const latency: Bench = {
  name: 'latency',
  does: `one worker and a gateway that takes ${GATEWAY.latencyMs} ms, ${GATEWAY.concurrency} requests under way`,
  sizes: { messages: 100_000 },
  run: async ({ runs, size, say }) =>
    onStage(async ({ withClients, postgresPid }) => {
      const messages = size('messages');
      const database = await withClients(messages);
      const settings = { GATEWAY_CONCURRENCY: String(GATEWAY.concurrency) };
      const all: Run[] = [];
      for (let run = 1; run <= runs; run += 1) {
        all.push(await dispatchRun(database, { ...GATEWAY, messages, postgresPid, settings }));
        await clearMailings(database.pool);
        say(`run ${run}: ${Math.round(all.at(-1)!.messagesPerSecond)}/s`);
      }
      const most = (GATEWAY.concurrency / GATEWAY.latencyMs) * 1_000;
      const what = `${GATEWAY.concurrency} / ${GATEWAY.latencyMs} ms`;
      return [
        {
          what: 'speed',
          unit: 'messages/s',
          values: all.map((run) => run.messagesPerSecond),
          counterpart: { what, values: [most] },
          must: [{ of: 'ratio', least: 0.9 }],
          why: 'The launch and a process that has just started take the first seconds; later nearly all of what may be under way is.',
        },
        { what: 'CPU of Node a message', unit: 'µs', values: all.map((run) => run.nodeMicros) },
        { what: 'CPU of PostgreSQL a message', unit: 'µs', values: all.map((run) => run.postgresMicros) },
      ];
    }),
};
