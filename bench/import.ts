import { once } from 'node:events';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { parse } from 'csv-parse';
import type pg from 'pg';
import { from as copyFrom } from 'pg-copy-streams';
import { CsvReader } from '../src/bulk/read-csv.js';
import { LiveSocket } from '../src/testing/live-socket.js';
import { PROGRAM_TOKEN, startProgram, urlOf } from '../src/testing/program.js';
import type { Bench, BenchOptions, Figure } from './bench.js';
import { type BenchStage, onStage } from './children.js';
import { expected, pieces } from './import-file.js';
import { memoryOf } from './machine.js';

const HEADERS = { authorization: `Bearer ${PROGRAM_TOKEN}` };

/** Rows a second of one run. */
interface Speeds {
  csvParse: number;
  copy: number;
  insert: number;
  first: ImportSpeed;
  again: ImportSpeed;
  /** Of the program at its highest, MB. */
  memory: number;
}

interface ImportSpeed {
  taken: number;
  brought: number;
  all: number;
}

async function perSecond(rows: number, work: () => Promise<unknown>): Promise<number> {
  const begun = performance.now();
  await work();
  return (rows / (performance.now() - begun)) * 1_000;
}

/** What an import can't be faster than: each of its parts, done alone and in the plainest way. The database is empty before and after. */
async function partsAlone(pool: pg.Pool, rows: number): Promise<Pick<Speeds, 'csvParse' | 'copy' | 'insert'>> {
  const file = () => Readable.from(pieces({ rows }), { objectMode: false });
  const csvParse = await perSecond(rows, async () => {
    const parser = file().pipe(parse());
    parser.on('data', () => {});
    await once(parser, 'end');
  });
  await pool.query('create table line (phone text, time_zone text, tags text, name text)');
  const copy = await perSecond(rows, async () => {
    const client = await pool.connect();
    await pipeline(file(), client.query(copyFrom('copy line from stdin (format csv, header)')));
    client.release();
  });
  const insert = await perSecond(rows, () =>
    pool.query(`insert into client (phone, operator_code, time_zone, tags, attributes)
      select phone, substr(phone, 2, 3), time_zone, string_to_array(tags, ';'), jsonb_build_object('name', name) from line`),
  );
  await pool.query('drop table line');
  await pool.query('truncate client restart identity cascade');
  return { csvParse, copy, insert };
}

/** @throws Error when it is not what it must be */
function must(what: string, found: unknown, wanted: unknown): void {
  const [one, other] = [JSON.stringify(found), JSON.stringify(wanted)];
  if (one !== other) throw new Error(`${what}: ${one.slice(0, 300)} instead of ${other.slice(0, 300)}`);
}

/** Waits for the end of a job, as a page does. */
async function follow(url: string, id: string): Promise<void> {
  const socket = new LiveSocket(url);
  await socket.opened();
  socket.say({ type: 'connection_init', payload: HEADERS });
  await socket.next();
  socket.subscribe('1', 'subscription ($id: ID!) { importProgress(id: $id) { done total status } }', { id });
  for (let message = await socket.next('1'); message.type === 'next'; message = await socket.next('1'));
  await socket.close();
}

/** A file with faults through HTTP. @throws Error when a count, or a line that was left out, is not the one it must be */
async function importFile(url: string, rows: number, isFirst: boolean): Promise<ImportSpeed> {
  const { right, doubles, wrongLines } = expected(rows);
  const begun = performance.now();
  const answer = await fetch(`${url}/api/v1/clients/import`, {
    method: 'POST',
    headers: { ...HEADERS, 'content-type': 'text/csv' },
    body: Readable.toWeb(Readable.from(pieces({ rows, hasFaults: true }))) as ReadableStream,
    duplex: 'half',
  } as RequestInit);
  const { id } = (await answer.json()) as { id: string };
  must('status', answer.status, 202);
  const taken = performance.now();
  await follow(url, id);
  const end = performance.now();
  const one = `${url}/api/v1/clients/import/${id}`;
  const job = (await (await fetch(one, { headers: HEADERS })).json()) as Record<string, number>;
  const { total, done, created, updated, unchanged, duplicates, failed } = job;
  must(
    'counts',
    { total, done, created, updated, unchanged, duplicates, failed },
    {
      ...{ total: rows, done: rows, created: isFirst ? right : 0, updated: 0, unchanged: isFirst ? 0 : right },
      ...{ duplicates: doubles, failed: wrongLines.length },
    },
  );
  const rejects = await (await fetch(`${one}/rejects`, { headers: HEADERS })).text();
  const reader = new CsvReader(',');
  const [, ...lines] = [...reader.push(rejects), ...reader.end()].map(({ cells }) => Number(cells.at(-2)));
  must('rejected lines', lines, wrongLines);
  const speed = (from: number, to: number) => (rows / (to - from)) * 1_000;
  return { taken: speed(begun, taken), brought: speed(taken, end), all: speed(begun, end) };
}

async function oneRun({ withClients, dir }: BenchStage, rows: number): Promise<Speeds> {
  const { databaseUrl, pool } = await withClients(0);
  const alone = await partsAlone(pool, rows);
  await pool.query('checkpoint');
  const program = await startProgram({ role: 'all', databaseUrl, dir, gatewayUrl: null });
  try {
    const url = await urlOf(program);
    const first = await importFile(url, rows, true);
    const again = await importFile(url, rows, false);
    const { rows: found } = await pool.query('select count(*)::int as n from client');
    must('clients', found[0].n, expected(rows).right);
    return { ...alone, first, again, memory: memoryOf(program.pid).most };
  } finally {
    program.kill('SIGTERM');
    await program.ended;
  }
}

const LEAST = 60_000;
const WHY = {
  first:
    'Each client goes into nine indexes: the INSERT alone, one half of it for the index that finds a part of a phone, is slower than that.',
  again:
    'A file is checked and kept whole before anything of it is brought in, by one connection: the two halves take turns.',
};

function figuresOf(rows: number, runs: readonly Speeds[]): Figure[] {
  const values = (of: (run: Speeds) => number) => runs.map(of);
  const csvParse = { what: 'csv-parse alone', values: values((run) => run.csvParse) };
  const copy = { what: 'COPY alone', values: values((run) => run.copy) };
  const insert = { what: 'INSERT alone, with all indexes', values: values((run) => run.insert) };
  const of = (kind: 'first' | 'again', name: string): Figure[] => [
    {
      what: `${name}: in all`,
      unit: 'rows/s',
      values: values((run) => run[kind].all),
      counterpart: csvParse,
      must: [{ of: 'median', least: LEAST }],
      why: WHY[kind],
    },
    {
      what: `${name}: taken in and checked`,
      unit: 'rows/s',
      values: values((run) => run[kind].taken),
      counterpart: copy,
    },
    { what: `${name}: brought in`, unit: 'rows/s', values: values((run) => run[kind].brought), counterpart: insert },
  ];
  return [
    ...of('first', `${rows.toLocaleString('en')} rows, all new`),
    ...of('again', 'the same file again'),
    {
      what: 'memory of the program at its highest',
      unit: 'MB',
      values: values((run) => run.memory),
      must: [{ of: 'median', most: 300 }],
    },
  ];
}

/** A file through HTTP into the program as it is shipped, twice, and every count and rejected line where it must be. */
export const importClients: Bench = {
  name: 'import',
  does: 'a file of clients through HTTP, checked and upserted, twice, with every reject where it must be',
  sizes: { rows: 1_000_000 },
  async run({ runs: count, size, say }: BenchOptions) {
    const rows = size('rows');
    return await onStage(async (stage) => {
      const runs: Speeds[] = [];
      for (let run = 1; run <= count; run += 1) {
        const speeds = await oneRun(stage, rows);
        const { first, again } = speeds;
        const told = [first, again].map(({ taken, brought, all }) => [taken, brought, all].map(Math.round).join(', '));
        say(`run ${run}: taken in, brought in, in all: ${told.join('; again ')} rows/s`);
        runs.push(speeds);
      }
      return figuresOf(rows, runs);
    });
  },
};
