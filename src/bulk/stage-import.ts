import { createHash, type Hash } from 'node:crypto';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import type { EntityManager } from '@mikro-orm/postgresql';
import type pg from 'pg';
import { from as copyFrom } from 'pg-copy-streams';
import type { By } from '../access/actor.js';
import { clientLineParser } from '../client/plain-client.js';
import { AppError } from '../errors.js';
import type { TimeZoneList } from '../graphql/time-zones.js';
import { numbered } from '../platform/conditions.js';
import { type KeyedCall, makeOnce } from '../platform/idempotency.js';
import { inTransaction } from '../platform/transaction.js';
import { COPY_LINES, copyLine } from './copy-line.js';
import { decodeFile, detectDelimiter } from './decode-text.js';
import { ImportColumns } from './import-columns.js';
import type { ConflictRule, ImportOptions } from './import-options.js';
import { CsvReader, type CsvRecord } from './read-csv.js';

/** Rows are written in pieces of about so many characters: some 20 ms. */
const COPY_PIECE = 131_072;
/** Until when nobody takes a job whose file arrives, SQL … */
const LEASE = `clock_timestamp() + interval '10 minutes'`;
/** … and how often it is said again while nothing comes that could be written, such as a million empty lines, ms. */
const HOLD_EVERY = 60_000;

/** What a job of kind IMPORT is to do, beside its rows: its `params`. */
export interface ImportPlan {
  onConflict: ConflictRule;
  /** For new clients whose line names no zone. */
  timeZone: string | null;
  /** The file's first line and what parts its cells, for the file of rejects. */
  header: readonly string[];
  delimiter: string;
  /** Where the last of its rows begins. */
  lastLine: number;
}

/** A call that is to make one job for the same file, however often it comes. */
export interface FileOnce {
  /** Its transaction has the key and the job's release. */
  em: EntityManager;
  /** What was given beside the file. */
  call: KeyedCall;
}

/** What is counted while a file is read. */
interface Tally {
  plan: ImportPlan;
  total: number;
  failed: number;
}

/**
 * Takes a file in: checks each line, and puts all of them beside the job that will bring them in, some at a time: no
 * transaction is open, and no connection taken, while more is waited for, and a few pieces of the file are in memory, however
 * large it is. Nobody works on the job before its file is whole. Of one that breaks off nothing stays; where this process dies with
 * it, the job ends in FAILED once its lease is over.
 *
 * @param once null: each call makes a job
 * @returns the job's id: of `once`, of the one that the same call with the same file made before
 * @throws AppError BAD_USER_INPUT when the file as a whole makes no sense, CONFLICT when the job was ended meanwhile, or on
 *   `idempotencyKey` when its key was used with another file or other options, UNAVAILABLE when the database lost a piece in a crash;
 *   what pg and the source throw
 */
export async function stageImport(
  pool: pg.Pool,
  source: AsyncIterable<Buffer>,
  options: ImportOptions,
  zones: TimeZoneList,
  by: By,
  once: FileOnce | null = null,
): Promise<string> {
  const hash = createHash('sha256');
  const file = await decodeFile(once ? hashed(source, hash) : source, options.encoding);
  const delimiter = options.delimiter === 'auto' ? detectDelimiter(file.head) : options.delimiter;
  const { timeZone, onConflict } = options;
  const tally: Tally = { plan: { onConflict, timeZone, header: [], delimiter, lastLine: 0 }, total: 0, failed: 0 };
  const { rows } = await pool.query<{ id: string }>(
    `insert into client_job (kind, dry_run, params, created_by, lease_owner, lease_until)
     values ('IMPORT', $1, $2, $3, 'the file arrives', ${LEASE}) returning id`,
    [options.dryRun, tally.plan, by.name],
  );
  const { id } = rows[0]!;
  try {
    const records = readRecords(file.text, delimiter);
    const lines = copyLines(
      id,
      records,
      (header) => new ImportColumns(header, options, clientLineParser(zones)),
      tally,
    );
    const pieces = await writeLines(pool, id, lines);
    if (once !== null) return await releaseOnce(pool, { id, pieces }, tally, once, hash);
    await release(through(pool), { id, pieces }, tally);
    return id;
  } catch (error) {
    // Of what can't be taken away now, the sweep takes care.
    await discard(pool, id).catch(() => {});
    throw error;
  }
}

/** A job, and how many pieces of its file have been written. */
interface Arriving {
  id: string;
  pieces: number;
}

/** One piece is written while the next is read. @returns how many there were */
async function writeLines(pool: pg.Pool, id: string, lines: AsyncIterable<string>): Promise<number> {
  let writing = Promise.resolve();
  let pieces = 0;
  try {
    for await (const piece of lines) {
      await writing;
      writing = writePiece(pool, { id, pieces }, piece);
      // It is looked at with the next piece, which may be long in coming.
      writing.catch(() => {});
      pieces += 1;
    }
  } finally {
    // Whoever takes the lines away after a failure must find all of them.
    await Promise.allSettled([writing]);
  }
  await writing;
  return pieces;
}

async function writePiece(pool: pg.Pool, job: Arriving, piece: string): Promise<void> {
  await inTransaction(pool, async (client) => {
    // What is lost of it in a crash is missed by the next one; the last step waits for the disk.
    await client.query('set local synchronous_commit = off');
    await hold(through(client), job, `lease_until = ${LEASE}`);
    if (piece === '') return job;
    await pipeline(Readable.from([piece], { objectMode: false }), client.query(copyFrom(COPY_LINES)));
    return job;
  });
}

/** Runs a statement with question marks for its values, and gives its rows. */
type Run = (sql: string, values: unknown[]) => Promise<unknown[]>;

const through = (on: pg.Pool | pg.PoolClient): Run => {
  return async (sql, values) => (await on.query(numbered({ sql, values: [] }).sql, values)).rows;
};

/** Has workers take it up. */
async function release(run: Run, job: Arriving, { plan, total, failed }: Tally): Promise<void> {
  const set = 'params = ?::jsonb, total = ?, done = ?, failed = ?, lease_owner = null, lease_until = null';
  await hold(run, job, set, [JSON.stringify(plan), total, failed, failed]);
}

/** What the file is shows at its end only: one that was taken in before is dropped then. @returns the id of the job that has it */
async function releaseOnce(pool: pg.Pool, job: Arriving, tally: Tally, once: FileOnce, hash: Hash): Promise<string> {
  const { em, call } = once;
  const input = { given: call.input, sha256: hash.digest('hex') };
  const made = await em.transactional((tx) =>
    makeOnce(tx, { ...call, input }, async () => {
      await release((sql, values) => tx.execute(sql, values), job, tally);
      return job.id;
    }),
  );
  if (!made.isNew) await discard(pool, job.id);
  return made.id;
}

/**
 * Only the pieces of its file change a job while it arrives, so its version counts them: of those that the database lost in a
 * crash, the next one finds that they are not there.
 *
 * @throws AppError CONFLICT when somebody ended the job, UNAVAILABLE when pieces are lost
 */
async function hold(run: Run, { id, pieces }: Arriving, set: string, values: unknown[] = []): Promise<void> {
  const held = await run(
    `update client_job set ${set}, version = version + 1 where version = ? and status = 'QUEUED' and id = ? returning id`,
    [...values, pieces, id],
  );
  if (held.length > 0) return;
  const [job] = (await run('select status from client_job where id = ?', [id])) as { status: string }[];
  if (job?.status === 'QUEUED') {
    throw new AppError('UNAVAILABLE', 'The database stopped, and lost a part of the file: send it again.');
  }
  throw new AppError('CONFLICT', `The import is ${job?.status} already: nothing of its file was taken.`);
}

/** Not one that workers take up, though nobody told here that it was released. */
async function discard(pool: pg.Pool, id: string): Promise<void> {
  await inTransaction(pool, async (client) => {
    // Waits for a piece that is still being written.
    const { rowCount } = await client.query('select from client_job where id = $1 and total is null for update', [id]);
    if (rowCount === 0) return null;
    await client.query('delete from client_job_row where job_id = $1', [id]);
    await client.query(`delete from client_job where id = $1 and status = 'QUEUED'`, [id]);
    return id;
  });
}

async function* hashed(source: AsyncIterable<Buffer>, hash: Hash): AsyncGenerator<Buffer, void, void> {
  for await (const piece of source) {
    hash.update(piece);
    yield piece;
  }
}

async function* readRecords(text: AsyncIterable<string>, delimiter: string): AsyncGenerator<CsvRecord[], void, void> {
  const reader = new CsvReader(delimiter);
  for await (const piece of text) yield reader.push(piece);
  yield reader.end();
}

async function* copyLines(
  jobId: string,
  batches: AsyncIterable<CsvRecord[]>,
  readHeader: (header: string[]) => ImportColumns,
  tally: Tally,
): AsyncGenerator<string, void, void> {
  let columns: ImportColumns | undefined;
  let piece = '';
  let last = performance.now();
  for await (const records of batches) {
    for (const record of records) {
      if (columns === undefined) {
        columns = readHeader(headerOf(record));
        tally.plan.header = columns.header;
        continue;
      }
      const row = columns.check(record);
      tally.total += 1;
      tally.plan.lastLine = row.line;
      if (row.problems) tally.failed += 1;
      piece += copyLine(jobId, row);
    }
    if (piece.length < COPY_PIECE && performance.now() - last < HOLD_EVERY) continue;
    yield piece;
    piece = '';
    last = performance.now();
  }
  if (columns === undefined)
    throw new AppError('BAD_USER_INPUT', 'The file is empty: it needs a line with the names of its columns.');
  if (piece !== '') yield piece;
}

function headerOf({ cells, broken }: CsvRecord): string[] {
  if (broken) throw new AppError('BAD_USER_INPUT', 'The first line of the file can not be read.');
  return cells.map((cell) => cell.replaceAll('\0', '\uFFFD'));
}
