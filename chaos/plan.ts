import { between, seeded, shuffled } from '../src/testing/seeded.js';

/** Workers of a run, each a process with lines of its own to the gateway and to Postgres. */
export const WORKERS = 3;

/** What a fault befalls. Two faults never befall the same thing at once; different things do break together. */
type Subject = 'worker' | 'api' | 'postgres' | 'gateway' | 'gateway line' | 'database line' | 'jobs';

/** What a kind of fault is. */
export interface FaultKind {
  subject: Subject;
  /** What happens, for the run's own account of itself. */
  what: string;
  /** How long it lasts, or how long nobody mends it, ms. */
  least: number;
  most: number;
}

/** A lease lives for the time-out and 5 s: what should outlast one lasts longer. */
const BEYOND_LEASE = { least: 7_000, most: 9_000 };
const MOMENTS = { least: 1_000, most: 4_000 };
const WHILE = { least: 2_000, most: 6_000 };

/** All kinds there are; what each does is in strikes.ts. */
export const FAULT_KINDS = {
  'worker-kill': { subject: 'worker', what: 'kill -9, started again later', least: 0, most: 3_000 },
  'worker-term': { subject: 'worker', what: 'SIGTERM, must end by itself with code 0', least: 0, most: 1_000 },
  'worker-stop': { subject: 'worker', what: 'SIGSTOP for longer than a lease, then SIGCONT', ...BEYOND_LEASE },
  'worker-hiccup': { subject: 'worker', what: 'SIGSTOP for about a time-out, then SIGCONT', least: 300, most: 2_000 },
  'worker-block': {
    subject: 'worker',
    what: 'its event loop stands still for longer than a lease',
    least: 8_000,
    most: 8_000,
  },
  'worker-clock': { subject: 'worker', what: 'started anew with a clock that is ten minutes off', ...WHILE },
  'api-kill': { subject: 'api', what: 'kill -9, started again later', least: 0, most: 3_000 },
  'api-term': { subject: 'api', what: 'SIGTERM, must end by itself with code 0', least: 0, most: 1_000 },
  'postgres-immediate': { subject: 'postgres', what: 'an immediate shutdown, started again later', ...MOMENTS },
  'postgres-kill': { subject: 'postgres', what: 'kill -9 of the postmaster, started again later', ...MOMENTS },
  'postgres-backend': { subject: 'postgres', what: 'kill -9 of one session, which ends all of them', ...MOMENTS },
  'postgres-sessions': { subject: 'postgres', what: 'every session ended, once a second', ...WHILE },
  'postgres-full': { subject: 'postgres', what: 'every session ended, and all connections used up', ...MOMENTS },
  'postgres-locks': { subject: 'postgres', what: 'the rows of all running mailings locked', ...MOMENTS },
  'disk-full': { subject: 'postgres', what: 'no room left on the disk of Postgres', ...MOMENTS },
  'jobs-lost': { subject: 'jobs', what: 'all jobs of the scheduler deleted', least: 0, most: 0 },
  'jobs-held': { subject: 'jobs', what: "the scheduler's table locked", ...WHILE },
  'gateway-refuse': { subject: 'gateway', what: 'nobody listens on its port', ...WHILE },
  'gateway-close': { subject: 'gateway', what: 'closes every connection unread', ...WHILE },
  'gateway-hang': { subject: 'gateway', what: 'gives no answer, accepting or not', ...WHILE },
  'gateway-slow': { subject: 'gateway', what: 'answers about as late as the time-out', ...WHILE },
  'gateway-5xx': { subject: 'gateway', what: '500, 502, 503 and 504 to most', ...WHILE },
  'gateway-401': { subject: 'gateway', what: 'refuses our token', ...WHILE },
  'gateway-429': { subject: 'gateway', what: 'asked too often, with Retry-After', ...WHILE },
  'gateway-garbage': { subject: 'gateway', what: 'answers that make no sense', ...WHILE },
  'gateway-drops': { subject: 'gateway', what: 'connections that break before and after it accepted', ...WHILE },
  'gateway-kill': { subject: 'gateway', what: 'kill -9 of the simulator, started again later', ...MOMENTS },
  'line-cut': { subject: 'gateway line', what: 'no connection between worker and gateway', ...WHILE },
  'line-half-open': { subject: 'gateway line', what: 'bytes between worker and gateway get lost', ...WHILE },
  'line-drip': { subject: 'gateway line', what: 'bytes between worker and gateway come drop by drop', ...WHILE },
  'line-reset': { subject: 'gateway line', what: 'connections to the gateway reset, twice a second', ...WHILE },
  'database-cut': { subject: 'database line', what: 'no connection between worker and Postgres', ...WHILE },
  'database-half-open': { subject: 'database line', what: 'bytes between worker and Postgres get lost', ...WHILE },
} as const satisfies Record<string, FaultKind>;
export type FaultName = keyof typeof FAULT_KINDS;

/** One fault of a run. */
export interface PlannedFault {
  name: FaultName;
  /** From the begin of the run, ms. */
  at: number;
  /** How long it lasts, ms. */
  ms: number;
  /** Which worker, or which worker's line, from 0; 0 where there is only one of its kind. */
  target: number;
}

/** Between the beginnings of two faults, ms: most of the time the system is to be well. */
const GAP = { least: 3_500, most: 9_000 };

/**
 * What will break, when, for how long and which one: all of it from the seed. Kinds are dealt like cards, so that none
 * comes a third time before every other has come once or twice.
 *
 * @param ms how long faults may go on; none lasts beyond it
 */
export function planFaults(seed: number, ms: number): PlannedFault[] {
  const random = seeded(seed);
  const names = Object.keys(FAULT_KINDS) as FaultName[];
  const busyUntil = new Map<string, number>();
  const plan: PlannedFault[] = [];
  let deck: FaultName[] = [];
  for (let at = between(random, 1_000, GAP.least); at < ms; at += between(random, GAP.least, GAP.most)) {
    if (deck.length === 0) deck = shuffled(random, names);
    const target = between(random, 0, WORKERS - 1);
    const free = deck.findIndex((name) => (busyUntil.get(thing(name, target)) ?? 0) <= at);
    if (free < 0) continue;
    const [name] = deck.splice(free, 1) as [FaultName];
    const { least, most }: FaultKind = FAULT_KINDS[name];
    const lasts = Math.min(between(random, least, most), ms - at);
    plan.push({ name, at, ms: lasts, target: isOfWorker(name) ? target : 0 });
    busyUntil.set(thing(name, target), at + lasts + RECOVERY_MS);
  }
  return plan;
}

/** What has just been mended is left alone for so long, ms. */
const RECOVERY_MS = 1_500;

function isOfWorker(name: FaultName): boolean {
  return (['worker', 'gateway line', 'database line'] as Subject[]).includes(FAULT_KINDS[name].subject);
}

function thing(name: FaultName, target: number): string {
  const { subject } = FAULT_KINDS[name];
  return isOfWorker(name) ? `${subject} ${target}` : subject;
}
