/**
 * `npm run demo:mongo`: the demo of `npm start`, with the scheduler's jobs in MongoDB as in production, and a look at
 * them. Takes the server at MONGO_URL, or starts one in memory. Ends once the demo mailing is done.
 */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { type Collection, MongoClient, type ObjectId } from 'mongodb';
import { databaseOf, JOBS } from '../scheduler/scheduler-mongo.js';
import { startMongoServer, withDatabase } from '../testing/mongo-server.js';

/** How often the collection is looked at, in ms. Many jobs come and go between two looks. */
const LOOK_MS = 50;

/** A job as it was found. */
interface SeenJob {
  _id: ObjectId;
  name: string;
  lockedAt: Date | null;
  lastRunAt?: Date;
}

/** What was seen of the jobs of one name. */
interface Sighting {
  jobs: Set<string>;
  runs: Set<string>;
  /** The most that ran at the same time. */
  together: number;
}

/** Notes which jobs show up in a collection. There are no change streams on a server that only speaks the protocol. */
class JobWatch {
  readonly #jobs: Collection<SeenJob>;
  readonly #seen = new Map<string, Sighting>();
  #looks = 0;

  constructor(jobs: Collection<SeenJob>) {
    this.#jobs = jobs;
  }

  /** Looks until told to stop. */
  async watch(stop: AbortSignal): Promise<void> {
    while (!stop.aborted) {
      this.#note(await this.#jobs.find({}, { projection: { name: 1, lockedAt: 1, lastRunAt: 1 } }).toArray());
      await new Promise((resolve) => setTimeout(resolve, LOOK_MS));
    }
  }

  /** A table of the sightings. */
  report(): string {
    const rows = [...this.#seen]
      .toSorted(([a], [b]) => (a < b ? -1 : 1))
      .map(([name, { jobs, runs, together }]) => {
        return [name.padEnd(18), ...[jobs.size, runs.size, together].map((count) => String(count).padStart(9))].join(
          '',
        );
      });
    const title = `Jobs seen in MongoDB's collection ${JOBS}, in ${this.#looks} looks ${LOOK_MS} ms apart:`;
    const head = ['job'.padEnd(18), ...['jobs', 'runs', 'at once'].map((word) => word.padStart(9))].join('');
    return ['', title, '', head, ...rows, ''].map((line) => (line ? `  ${line}` : line)).join('\n');
  }

  #note(jobs: SeenJob[]): void {
    this.#looks += 1;
    const running = new Map<string, number>();
    for (const job of jobs) {
      const seen = this.#seen.get(job.name) ?? { jobs: new Set(), runs: new Set(), together: 0 };
      this.#seen.set(job.name, seen);
      const id = job._id.toHexString();
      seen.jobs.add(id);
      if (job.lastRunAt) seen.runs.add(`${id} ${job.lastRunAt.getTime()}`);
      if (job.lockedAt) running.set(job.name, (running.get(job.name) ?? 0) + 1);
    }
    for (const [name, count] of running) {
      const seen = this.#seen.get(name)!;
      seen.together = Math.max(seen.together, count);
    }
  }
}

/** The program itself, told to end after its demo. A port and a folder of its own let `npm start` run beside it. */
function startProgram(mongoUrl: string): ChildProcess {
  const { PORT = '0', DATA_DIR = '.data/demo-mongo' } = process.env;
  const child = spawn(process.execPath, [fileURLToPath(new URL('../main.js', import.meta.url))], {
    env: { ...process.env, PORT, DATA_DIR, MONGO_URL: mongoUrl, DEMO: 'true', DEMO_EXIT: 'true' },
    stdio: 'inherit',
  });
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, () => child.kill(signal));
  return child;
}

const server = await startMongoServer();
const url = withDatabase(server.url, databaseOf(server.url));
const client = await MongoClient.connect(url);
process.stdout.write(`\n  The scheduler's jobs are in ${server.name}.\n`);
const watch = new JobWatch(client.db(databaseOf(url)).collection<SeenJob>(JOBS));
const done = new AbortController();
const watching = watch.watch(done.signal);
const [code] = await once(startProgram(url), 'exit');
done.abort();
await watching;
await client.close();
await server.stop();
process.stdout.write(`${watch.report()}\n`);
process.exitCode = code ?? 1;
