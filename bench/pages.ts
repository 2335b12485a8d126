import { Tallies } from '../src/report/tallies.js';
import { Asker, p95, type Question, TOKEN } from './ask-api.js';
import type { Bench, Figure } from './bench.js';
import { type BenchDatabase, onStage } from './children.js';
import { insertLists } from './lists-data.js';
import { type Program, startProgram } from './program.js';

/** Mailings that the messages are spread over, to as many clients each. */
const MAILINGS = 10;
/** The pages, as the dashboard asks for them; each full in the small database too, where a mailing has twenty that failed. */
const PAGES: Readonly<Record<string, Question>> = {
  'clients page': {
    query:
      '{ clients(first: 50) { edges { cursor node { id phone operatorCode tags timeZone optedOutAt } } pageInfo { hasNextPage endCursor } } }',
  },
  'mailing with progress': {
    query:
      '{ mailing(id: "1") { id name text status startsAt endsAt revision progress { status total open sent failed unknown enqueued delayed ratePerSecond eta version } } }',
  },
  'messages page by status': {
    query:
      '{ mailing(id: "1") { messages(first: 20, filter: { statuses: [FAILED] }) { edges { cursor node { id status reason client { id phone } } } pageInfo { hasNextPage endCursor } } } }',
  },
  statistics: {
    query:
      '{ statistics { asOf mailingCount messages { total sent failed } mailings(first: 20) { edges { node { mailing { id name } messages { total sent failed } } } } } }',
  },
};

/** One database with an API of its own. */
interface Side {
  program: Program;
  asker: Asker;
}

/** Rows are written once, with their indexes in place; statistics are counted as the worker counts them. */
async function fill({ pool }: BenchDatabase, clients: number, messages: number): Promise<void> {
  const each = Math.round(messages / MAILINGS);
  if (each > clients) throw new Error(`${clients} clients are too few for mailings of ${each} messages`);
  await insertLists(pool, clients, Array(MAILINGS).fill(each));
  const tallies = new Tallies(pool, {
    warn: (...said: unknown[]) => process.stderr.write(`${JSON.stringify(said)}\n`),
  });
  const isUncounted = async () =>
    (
      await pool.query(
        'select from mailing where not exists (select from mailing_tally where mailing_id = mailing.id) limit 1',
      )
    ).rowCount;
  do await tallies.refresh();
  while (await isUncounted());
}

/** How long each page takes, in one run. */
async function timesOf({ asker }: Side, question: Question, requests: number): Promise<number> {
  const times: number[] = [];
  for (let n = 0; n < requests; n += 1) times.push(await asker.ask(question));
  return p95(times);
}

function figureOf(page: string, values: number[], counterpart: number[], few: number): Figure {
  return {
    what: `${page}, p95`,
    unit: 'ms',
    values,
    counterpart: { what: `${few.toLocaleString('en')} rows`, values: counterpart },
    must: [
      { of: 'ratio', most: 1.5 },
      { of: 'median', most: 20 },
    ],
    why: 'What the same page takes of few rows stands beside it: where both take as long, it is the program, and not the size of the tables.',
  };
}

/** Whether pages stay as fast when the tables have grown. */
export const pages: Bench = {
  name: 'api',
  does: 'what pages take of a large database, beside a small one',
  sizes: { clients: 1_000_000, messages: 10_000_000, few: 10_000, requests: 200 },
  async run({ runs, size, say }) {
    const [requests, few] = [size('requests'), size('few')];
    const taken = new Map(Object.keys(PAGES).map((page) => [page, { large: [] as number[], small: [] as number[] }]));
    await onStage(async ({ dir, withClients }) => {
      const sides: Record<'small' | 'large', Side | null> = { small: null, large: null };
      const begin = async (name: 'small' | 'large', clients: number, messages: number) => {
        const database = await withClients(0);
        const begun = performance.now();
        await fill(database, clients, messages);
        say(
          `${name}: ${clients} clients and ${messages} messages made in ${Math.round((performance.now() - begun) / 1_000)} s`,
        );
        const env = { DATABASE_URL: database.databaseUrl, ROLE: 'api', ADMIN_TOKEN: TOKEN, API_RATE_LIMIT: '100000' };
        const program = await startProgram(dir, env);
        sides[name] = { program, asker: new Asker(program.url) };
        return sides[name];
      };
      try {
        const small = await begin('small', few, few);
        const large = await begin('large', size('clients'), size('messages'));
        // Both have compiled and read what they need before anything counts.
        for (const question of Object.values(PAGES))
          for (const side of [small, large]) await timesOf(side, question, requests);
        for (let run = 1; run <= runs; run += 1) {
          for (const [page, question] of Object.entries(PAGES)) {
            const { large: ofLarge, small: ofSmall } = taken.get(page)!;
            ofSmall.push(await timesOf(small, question, requests));
            ofLarge.push(await timesOf(large, question, requests));
            say(`run ${run}: ${page} ${ofLarge.at(-1)!.toFixed(1)} ms, of few ${ofSmall.at(-1)!.toFixed(1)} ms`);
          }
        }
      } finally {
        for (const side of Object.values(sides)) {
          await side?.asker.close();
          await side?.program.stop();
        }
      }
    });
    return [...taken].map(([page, { large, small }]) => figureOf(page, large, small, few));
  },
};
