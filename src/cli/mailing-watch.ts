import type { Progress } from '../mailing/progress.js';
import { openBar } from './bar.js';
import type { Call } from './call.js';
import type { Command, ExitCode } from './command.js';
import { WHICH } from './mailing.js';
import { type Program, withProgram } from './with-program.js';

export const mailingWatchCommand: Command = {
  name: 'mailing watch',
  does: 'show how far a mailing is, live, until it is done',
  more: 'Ctrl-C leaves; the mailing goes on. On a terminal it is a bar, else a line for each change. Exit code 0: it is completed; 1: it was cancelled, or you left before.',
  args: [WHICH],
  json: true,
  examples: [{ line: 'mailing watch 12', does: 'watch mailing 12 until it is done' }],
  async run(call) {
    const { findMailing } = await import('../mailing/mailings.js');
    return await withProgram(call, async (program) => {
      const { id, name } = await findMailing(program.em, call.args['id']!);
      const bar = call.json ? null : openBar(call.surroundings.stdout, name);
      const show = (progress: Progress) => {
        const done = progress.total - progress.open;
        if (call.json) call.say(JSON.stringify({ mailingId: id, ...shown(progress) }));
        else if (bar) bar.show(done, progress.total, wordsFor(progress));
        else
          call.say(
            `${done.toLocaleString('en-US')} of ${progress.total.toLocaleString('en-US')}  ${wordsFor(progress)}`,
          );
      };
      try {
        return await follow(call, program, id, show);
      } finally {
        bar?.end();
      }
    });
  },
};

/** By the feed that serves the dashboard's pages. */
async function follow(call: Call, program: Program, id: string, show: (now: Progress) => void): Promise<ExitCode> {
  const { Live } = await import('../live/live.js');
  const { ProgressFeed } = await import('../mailing/progress-feed.js');
  const { ProgressReader } = await import('../mailing/progress-reader.js');
  const { pool, databaseUrl, log } = program;
  const reader = new ProgressReader(pool, log, { gateway: call.config().gateway.rateLimit });
  const live = new Live({ databaseUrl, pool, log });
  live.start();
  const stop = call.surroundings.stop();
  try {
    let last = await reader.read(id);
    for await (const progress of new ProgressFeed(live, reader).follow(id, last, stop)) {
      last = progress;
      show(progress);
      if (isOver(progress)) break;
    }
    return last.status === 'COMPLETED' ? 0 : 1;
  } finally {
    await live.close();
  }
}

/** A cancelled mailing still has its open messages settled. */
function isOver({ status, open }: Progress): boolean {
  return status === 'COMPLETED' || (status === 'CANCELLED' && open === 0);
}

function wordsFor({ status, sent, failed, expired, cancelled, unknown, ratePerSecond, eta }: Progress): string {
  const unhappy = Object.entries({ failed, expired, cancelled, unknown }).filter(([, count]) => count > 0);
  const counts = [`${sent} sent`, ...unhappy.map(([name, count]) => `${count} ${name}`)].join(', ');
  if (status !== 'RUNNING') return `${counts}  ${status.toLowerCase()}`;
  return `${counts}  ${ratePerSecond}/s${eta ? `, done at ${eta.toISOString().slice(11, 19)}Z` : ''}`;
}

function shown({ readAt: _ours, ...progress }: Progress) {
  return progress;
}
