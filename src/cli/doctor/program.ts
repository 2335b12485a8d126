import type pg from 'pg';
import type { Config } from '../../config.js';
import { listProcesses, VERSION } from '../../operations/heartbeat.js';
import { openJobStore } from '../../scheduler/open-job-store.js';
import { readBacklog } from '../../sending/backlog.js';
import { describeStop, stopInForce } from '../../sending/sending-switch.js';
import { type Finding, fail, ok, warn } from './check.js';

/** Work that is due for longer, with no limit that holds it, is stuck, s. */
const STUCK_AFTER = 60;

/** The store of the scheduler's jobs: whether it answers, and whether jobs fail. */
export async function checkScheduler(pool: pg.Pool, { mongoUrl }: Pick<Config, 'mongoUrl'>): Promise<Finding> {
  const where = mongoUrl === null ? 'PostgreSQL' : 'MongoDB';
  const store = await openJobStore(pool, mongoUrl);
  try {
    await store.connect();
    const { jobs, total } = await store.list(100);
    const failed = jobs.filter(({ failedAt }) => failedAt !== null);
    const says = `${where} holds ${total} jobs`;
    if (failed.length === 0) return ok('scheduler', `${says}, and none failed lately.`);
    const names = [...new Set(failed.map(({ name }) => name))].join(', ');
    return warn(
      'scheduler',
      `${says}; ${failed.length} failed the last time: ${names}.`,
      'The log of the workers says why; they are tried again.',
    );
  } catch (error) {
    const { message } = error as Error;
    return fail(
      'scheduler',
      `${where}, which holds the jobs, does not answer: ${message}`,
      mongoUrl === null
        ? 'npm run cli -- migrate'
        : 'Check MONGO_URL; mailings wait until it answers, and lose nothing.',
    );
  } finally {
    await store.close();
  }
}

/** The processes that say that they are alive, and whether all of them are of this version. */
export async function checkProcesses(pool: pg.Pool): Promise<Finding> {
  const processes = await listProcesses(pool);
  const living = processes.filter(({ silent }) => !silent);
  const silent = processes.length - living.length;
  const others = living.filter(({ version }) => version !== VERSION);
  const names = living.map(({ role, host }) => `${role} ${host}`).join(', ');
  if (living.length === 0) return warn('processes', 'No process of the program is alive.', 'npm start');
  const says = `${living.length} alive: ${names}.`;
  if (others.length > 0) {
    const versions = [...new Set(others.map(({ version }) => version))].join(', ');
    return warn(
      'processes',
      `${says} ${others.length} run another version (${versions}); this is ${VERSION}.`,
      'Finish the upgrade: start those anew.',
    );
  }
  if (!living.some(({ role }) => role !== 'api')) {
    return warn('processes', `${says} None of them sends.`, 'Start one with ROLE=worker or ROLE=all.');
  }
  if (silent > 0)
    return warn(
      'processes',
      `${says} ${silent} fell silent in the last ten minutes.`,
      'Look whether they were meant to end: their logs tell.',
    );
  return ok('processes', says);
}

/** Whether a person stopped all sending, and whether what is due gets sent. */
export async function checkWork(pool: pg.Pool, { gateway }: Pick<Config, 'gateway'>): Promise<Finding[]> {
  const stop = await stopInForce(pool);
  const { due, unpacedAge } = await readBacklog(pool, gateway.rateLimit === null ? [] : ['gateway']);
  const age = Math.round(unpacedAge);
  const says = due === 0 ? 'Nothing is due.' : `${due} messages are due; the oldest for ${age} s.`;
  const switched = stop
    ? warn('sending', describeStop(stop), 'npm run cli -- resume')
    : ok('sending', 'Sending is not stopped.');
  if (age <= STUCK_AFTER || stop) return [switched, ok('work', says)];
  return [switched, warn('work', says, 'Look at `mailing show <id>` of those that run: it says what each waits for.')];
}
