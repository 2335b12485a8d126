import 'reflect-metadata';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { listenForStop } from '../src/platform/stop-signal.js';
import { reportFindings } from '../src/verify/report.js';
import { verify } from '../src/verify/verify.js';
import { insertClients } from './clients.js';
import { Driver } from './driver.js';
import { count, leastOf, readFigures } from './figures.js';
import { type ChaosOptions, parseOptions, USAGE } from './options.js';
import { FAULT_KINDS, type PlannedFault, planFaults } from './plan.js';
import { STRIKES } from './strikes.js';
import { TIMEOUT_MS, World } from './world.js';

/**
 * `npm run chaos -- [--minutes 10] [--seed N]`: an API, three workers, a Postgres and a gateway, all of which are broken
 * by chance while mailings go through them; then everything must be sent and `verify` must hold. Exit code 1 when not.
 */

/** Of a run's time the last part is calm: what was broken is mended, the mailings come to their ends. */
const CALM_SHARE = 0.2;
/** How long after the last mailing's end everything may take to be settled, ms: a lease, and the slowest of the starts. */
const DRAIN_MS = 60_000;
const PROGRESS_MS = 10_000;
/** More than must be, since mailings end, are cancelled, and clients opt out. */
const SPARE = 2;

/** Room for what a run writes, and for Postgres's own log, megabytes; it is made of memory. */
const diskFor = (minutes: number) => Math.ceil(640 + 80 * minutes);

const began = performance.now();
const say = (text: string) => process.stdout.write(`${text}\n`);
const clock = () => {
  const seconds = (performance.now() - began) / 1_000;
  return `${String(Math.floor(seconds / 60)).padStart(3)}:${(seconds % 60).toFixed(1).padStart(4, '0')}`;
};

/** Lets each fault begin at its time. @returns those that were made, once all are mended */
async function strike(world: World, plan: readonly PlannedFault[], stop: AbortSignal): Promise<PlannedFault[]> {
  const since = performance.now();
  const made: PlannedFault[] = [];
  const mended: Promise<void>[] = [];
  for (const fault of plan) {
    await sleep(Math.max(0, fault.at - (performance.now() - since)), undefined, { signal: stop }).catch(() => {});
    if (stop.aborted) break;
    if (fault.name === 'disk-full' && !world.disk) {
      say(`${clock()}  disk-full left out: this machine lets nobody make a small disk`);
      continue;
    }
    made.push(fault);
    const { what, subject } = FAULT_KINDS[fault.name];
    const which = /worker|line/.test(subject) ? `, worker ${fault.target + 1}` : '';
    say(`${clock()}  ${fault.name}${which}: ${what} (${(fault.ms / 1_000).toFixed(1)} s)`);
    mended.push(
      STRIKES[fault.name](world, fault).catch((error) => world.complain(`${fault.name} could not be made: ${error}`)),
    );
  }
  await Promise.all(mended);
  return made;
}

async function tellProgress(world: World, faults: () => number, signal: AbortSignal): Promise<void> {
  while (!signal.aborted) {
    await sleep(PROGRESS_MS, undefined, { signal }).catch(() => {});
    if (signal.aborted) return;
    const told = await readFigures(world).then(
      ({ sent, open, mailings }) => `${count(sent)} sent, ${count(open)} open, ${mailings} mailings`,
      () => 'the database is away',
    );
    say(`${clock()}  … ${told}, ${faults()} faults so far`);
  }
}

/** Waits until everything that was asked for has come to its end. */
async function drain(world: World, endsAt: number, stop: AbortSignal): Promise<void> {
  for (;;) {
    const { open, going } = await readFigures(world);
    if ((open === 0 && going === 0) || stop.aborted) return;
    if (Date.now() > endsAt + DRAIN_MS) {
      world.complain(
        `${count(open)} messages are open and ${going} mailings not over ${DRAIN_MS / 1_000} s after the end`,
      );
      return;
    }
    await sleep(200);
  }
}

/** @returns whether everything holds */
async function run(world: World, { minutes, seed }: ChaosOptions, stop: AbortSignal): Promise<boolean> {
  await world.start();
  await insertClients(world.pool);
  const ms = minutes * 60_000;
  const activeMs = ms * (1 - CALM_SHARE);
  const times = { calmAt: Date.now() + activeMs, endsAt: Date.now() + ms };
  const plan = planFaults(seed, activeMs);
  const least = leastOf(minutes);
  say(`${clock()}  everything runs; ${plan.length} faults in ${Math.round(activeMs / 1_000)} s, then calm`);

  const driver = new Driver(world.api, times, least.messages * SPARE, seed);
  const over = new AbortController();
  let faults: PlannedFault[] = [];
  const begun = performance.now();
  const telling = tellProgress(
    world,
    () => plan.filter(({ at }) => at <= performance.now() - begun).length,
    over.signal,
  );
  [faults] = await Promise.all([strike(world, plan, stop), driver.run(stop)]);
  say(`${clock()}  calm`);
  await drain(world, times.endsAt, stop);
  over.abort();
  await telling;
  await world.endPrograms();
  return await judge(world, faults, driver, stop.aborted ? leastOf(0) : least);
}

async function judge(
  world: World,
  faults: readonly PlannedFault[],
  driver: Driver,
  least: ReturnType<typeof leastOf>,
): Promise<boolean> {
  const findings = await verify(world.pool, world.gateway.ledgerFile, { timeoutMs: TIMEOUT_MS, heldUp: world.heldUp });
  say('');
  process.stdout.write(reportFindings(findings, true));
  const figures = await readFigures(world);
  const { requests, ids, repeats } = await world.gateway.totals();
  const kinds = Map.groupBy(faults, ({ name }) => name);
  const { answered, away } = world.api.count;
  say('');
  say(`messages ${count(figures.messages)} in ${figures.mailings} mailings, sent ${count(figures.sent)}`);
  say(`requests ${count(requests)} for ${count(ids)} messages; ${count(repeats)} again after they were accepted`);
  say(
    `faults ${faults.length} of ${kinds.size} kinds: ${[...kinds].map(([name, all]) => `${name} ${all.length}`).join(', ')}`,
  );
  say(
    `acts ${Object.entries(driver.acts)
      .map(([name, times]) => `${name} ${times}`)
      .join(', ')}`,
  );
  say(`database ${count(figures.megabytes)} MB`);
  say(`API answered ${count(answered)} times, was away ${count(away)} times`);
  if (faults.length < least.faults || kinds.size < least.kinds) {
    world.complain(`fewer than ${least.faults} faults of ${least.kinds} kinds`);
  }
  if (ids < least.messages) world.complain(`fewer than ${count(least.messages)} messages reached the gateway`);
  for (const complaint of world.complaints) say(`WRONG: ${complaint}`);
  return world.complaints.length === 0 && findings.every(({ broken }) => broken === 0);
}

/** Ends the process where no run was asked for. */
function readOptions(): ChaosOptions {
  try {
    const options = parseOptions(process.argv.slice(2));
    if (options) return options;
  } catch (error) {
    process.stderr.write(`${(error as Error).message}\n`);
    process.exit(2);
  }
  say(USAGE);
  process.exit(0);
}

const options = readOptions();
const stop = listenForStop({ onSecond: () => void force() });
say(`seed ${options.seed}, ${options.minutes} minutes`);
const world = new World(await mkdtemp(join(tmpdir(), 'heliograph-chaos-')), options.seed, diskFor(options.minutes));
/** Nobody waits any longer: whoever hangs on this process ends with it, Postgres is told, and its disk taken away. */
async function force(): Promise<never> {
  if (world.postgres?.running) process.kill(world.postgres.pid, 'SIGINT');
  await world.disk?.remove();
  await rm(world.dir, { recursive: true, force: true }).catch(() => {});
  process.exit(1);
}
// A fault of chaos itself must not leave everything running.
process.on('uncaughtException', (error) => world.complain(`a fault of chaos itself: ${error.stack}`));
let holds = false;
try {
  holds = await run(world, options, stop);
} catch (error) {
  say(`WRONG: ${error instanceof Error ? error.stack : error}`);
} finally {
  world.keep = !holds && !stop.aborted;
  await world.close();
}
if (stop.aborted) holds = false;
say(
  `seed ${options.seed}: ${holds ? 'everything holds' : stop.aborted ? 'stopped by hand' : 'BROKEN'}, ${clock().trim()}`,
);
if (!world.keep) await rm(world.dir, { recursive: true, force: true });
else say(`Ledger, database and logs are kept in ${world.dir}.`);
process.exit(holds ? 0 : 1);
