import { MongoJobRepository } from '@agendajs/mongo-backend';
import { type Collection, type Db, MongoClient, MongoServerError, ObjectId } from 'mongodb';
import { DUPLICATE_KEY, ensureIndexes } from './mongo-indexes.js';
import type { JobData, JobName, StoredJob, When } from './scheduler-jobs.js';
import { type JobStore, type Look, ownerOf, type RunEnd } from './scheduler-store.js';

/** Agenda's document, as far as we touch it. A date that is not booked is absent, not null: `$min` then sets it. */
interface JobDocument {
  name: string;
  type: 'normal';
  priority: number;
  data: JobData;
  nextRunAt?: Date;
  lockedAt: Date | null;
  lastRunAt?: Date;
  lastFinishedAt?: Date;
  repeatInterval?: number;
  failedAt?: Date;
  failReason?: string | null;
  failCount?: number;
  disabled?: boolean;
  /** The token of the lock. */
  lastModifiedBy?: string;
}

/** The collection's name, Agenda's own choice. */
export const JOBS = 'agendaJobs';
/** How long the server's clock is trusted before it is asked again, in ms. */
const CLOCK_MS = 10_000;
/** How long to look for a server, and to wait for an answer, before a call fails, in ms. */
const PATIENCE_MS = 2_000;
/** Jobs that a list is chosen from. */
const MOST_SORTED = 10_000;

/** Jobs in the collection `agendaJobs` of the database that the address names (`heliograph` when it names none). */
export class MongoJobStore implements JobStore {
  readonly repository: MongoJobRepository;
  readonly #client: MongoClient;
  readonly #db: Db;
  readonly #jobs: Collection<JobDocument>;
  #clock = { offsetMs: 0, readAt: Number.NEGATIVE_INFINITY };

  /** @throws Error when the address can't be read */
  constructor(url: string) {
    this.#client = new MongoClient(url, {
      appName: 'heliograph',
      serverSelectionTimeoutMS: PATIENCE_MS,
      connectTimeoutMS: PATIENCE_MS,
      socketTimeoutMS: 5 * PATIENCE_MS,
    });
    this.#db = this.#client.db(databaseOf(url));
    this.#jobs = this.#db.collection<JobDocument>(JOBS);
    this.repository = new MongoJobRepository({ mongo: this.#db, ensureIndex: false });
  }

  async connect(): Promise<void> {
    await this.#client.connect();
    await ensureIndexes(this.#jobs);
    await this.repository.connect();
    await this.#now();
  }

  /** Asks for the indexes, not for the server alone: one that was put in its place, or emptied, has none. */
  async ping(): Promise<void> {
    await ensureIndexes(this.#jobs);
  }

  async book(name: JobName, data: JobData, when: When, everyMs: number | null): Promise<boolean> {
    const at = dateOf(when, await this.#now());
    const { key, ...payload } = data;
    const fields = Object.fromEntries(Object.entries(payload).map(([field, value]) => [`data.${field}`, value]));
    const upsert = () =>
      this.#jobs.findOneAndUpdate(
        { name, 'data.key': key },
        {
          $min: { nextRunAt: at },
          $setOnInsert: { type: 'normal', priority: 0, lockedAt: null, ...fields },
          ...(everyMs === null ? {} : { $set: { repeatInterval: everyMs } }),
        },
        { upsert: true, returnDocument: 'before' },
      );
    // Of two first rings at once one inserts; the other finds the job when it asks again.
    const before = await upsert().catch((error: unknown) => {
      if (error instanceof MongoServerError && error.code === DUPLICATE_KEY) return upsert();
      throw error;
    });
    if (!before) return true;
    return before.lockedAt === null && (before.nextRunAt === undefined || before.nextRunAt > at);
  }

  async look(name: JobName, token: string, lockMs: number, horizonMs: number): Promise<Look> {
    const now = await this.#now();
    const job = await this.#jobs.findOneAndUpdate(
      {
        name,
        disabled: { $ne: true },
        $or: [{ lockedAt: null, nextRunAt: { $lte: new Date(now) } }, { lockedAt: { $lte: new Date(now - lockMs) } }],
      },
      {
        $set: { lockedAt: new Date(now), lastRunAt: new Date(now), lastModifiedBy: token },
        $unset: { nextRunAt: true },
      },
      // An expired lock goes first: where work never ends, a dead worker's job would else wait for ever.
      { sort: { lockedAt: -1, nextRunAt: 1 }, projection: { data: 1 } },
    );
    if (job) return { job: { id: job._id.toHexString(), data: job.data } };
    const next = await this.#jobs.findOne(
      { name, disabled: { $ne: true }, lockedAt: null, nextRunAt: { $lte: new Date(now + horizonMs) } },
      { sort: { nextRunAt: 1 }, projection: { nextRunAt: 1 } },
    );
    return { nextInMs: next?.nextRunAt ? next.nextRunAt.getTime() - now : null };
  }

  async glance(asked: readonly { name: JobName; lockMs: number }[], horizonMs: number): Promise<ReadonlySet<string>> {
    const now = await this.#now();
    const soon = { lockedAt: null, nextRunAt: { $lte: new Date(now + horizonMs) } };
    const old = asked.map(({ name, lockMs }) => ({ name, lockedAt: { $lte: new Date(now - lockMs) } }));
    const names = { $in: asked.map(({ name }) => name) };
    const filter = { name: names, disabled: { $ne: true }, $or: [soon, ...old] };
    return new Set(await this.#jobs.distinct('name', filter));
  }

  async touch(id: string, token: string): Promise<boolean> {
    const lockedAt = new Date(await this.#now());
    return (await this.#jobs.updateOne(held(id, token), { $set: { lockedAt } })).matchedCount === 1;
  }

  async finish(id: string, token: string, end: RunEnd): Promise<'done' | 'due' | 'lost'> {
    const mine = held(id, token);
    if (!end.again && end.failure === null) {
      const absent = { nextRunAt: { $exists: false }, repeatInterval: { $exists: false } };
      if ((await this.#jobs.deleteOne({ ...mine, ...absent })).deletedCount === 1) return 'done';
    }
    const job = await this.#jobs.findOne(mine, { projection: { repeatInterval: 1, lastRunAt: 1, failCount: 1 } });
    if (!job) return 'lost';
    const now = await this.#now();
    const dates = [
      end.again && dateOf(end.again, now).getTime(),
      job.repeatInterval && (job.lastRunAt?.getTime() ?? now) + job.repeatInterval,
    ];
    const next = Math.min(...dates.filter((date) => typeof date === 'number'));
    const failed =
      end.failure === null ? { failCount: 0 } : { failCount: (job.failCount ?? 0) + 1, failedAt: new Date(now) };
    const after = await this.#jobs.findOneAndUpdate(
      mine,
      {
        $set: { lockedAt: null, lastFinishedAt: new Date(now), failReason: end.failure, ...failed },
        $unset: { lastModifiedBy: true },
        ...(Number.isFinite(next) ? { $min: { nextRunAt: new Date(next) } } : {}),
      },
      { returnDocument: 'after', projection: { nextRunAt: 1 } },
    );
    if (!after) return 'lost';
    // It was rung meanwhile where it is not booked for what was said here.
    const later = after.nextRunAt?.getTime() === next && next > now;
    return after.nextRunAt && !later ? 'due' : 'done';
  }

  async release(id: string, token: string): Promise<void> {
    const nextRunAt = new Date(await this.#now());
    await this.#jobs.updateOne(held(id, token), {
      $set: { lockedAt: null },
      $unset: { lastModifiedBy: true },
      $min: { nextRunAt },
    });
  }

  async list(first: number): Promise<{ jobs: StoredJob[]; total: number }> {
    // There are some dozens of a running mailing's, and no index has this order.
    const [total, found] = await Promise.all([
      this.#jobs.countDocuments(),
      this.#jobs.find().limit(MOST_SORTED).toArray(),
    ]);
    const jobs = found.map(toStoredJob).sort(byUrgency).slice(0, first);
    return { jobs, total };
  }

  async close(): Promise<void> {
    await this.#client.close();
  }

  /** The server's time in ms; the worker's own may be minutes off, and may jump. */
  async #now(): Promise<number> {
    if (performance.now() - this.#clock.readAt > CLOCK_MS) {
      const asked = performance.now();
      // `hello` would do as well, but servers that only speak the protocol do not all know it.
      const { localTime } = await this.#db.command({ isMaster: 1 });
      const answered = performance.now();
      if (localTime instanceof Date) {
        this.#clock = { offsetMs: localTime.getTime() - (asked + answered) / 2, readAt: answered };
      }
    }
    return this.#clock.offsetMs + performance.now();
  }
}

/** The database that the address names, else ours. */
export function databaseOf(url: string): string {
  return /^mongodb(?:\+srv)?:\/\/[^/]+\/([^?]+)/.exec(url)?.[1] ?? 'heliograph';
}

function dateOf(when: When, now: number): Date {
  return when instanceof Date ? when : new Date(now + when.inMs);
}

function held(id: string, token: string): { _id: ObjectId; lastModifiedBy: string } {
  return { _id: new ObjectId(id), lastModifiedBy: token };
}

function toStoredJob({ name, data, ...job }: JobDocument): StoredJob {
  const running = job.lockedAt !== null;
  return {
    ...{ name, key: data?.key ?? '', running, lockedAt: job.lockedAt },
    lockedBy: running ? ownerOf(job.lastModifiedBy) : null,
    nextRunAt: job.nextRunAt ?? null,
    lastRunAt: job.lastRunAt ?? null,
    everyMs: job.repeatInterval ?? null,
    failCount: job.failCount ?? 0,
    failedAt: (job.failReason && job.failedAt) || null,
    failReason: job.failReason ?? null,
  };
}

/** Those that run, then those that failed, then by their date. */
function byUrgency(a: StoredJob, b: StoredJob): number {
  const rank = ({ running, failReason }: StoredJob) => (running ? 0 : failReason === null ? 2 : 1);
  const date = ({ nextRunAt }: StoredJob) => nextRunAt?.getTime() ?? Number.MAX_SAFE_INTEGER;
  return rank(a) - rank(b) || date(a) - date(b) || a.name.localeCompare(b.name);
}
