import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import type pg from 'pg';
import { from as copyFrom } from 'pg-copy-streams';
import type { By } from '../access/actor.js';
import { newClientParser } from '../client/client.inputs.js';
import { AppError } from '../errors.js';
import type { TimeZoneList } from '../graphql/time-zones.js';
import { textArray } from '../platform/text-array.js';
import { inTransaction } from '../platform/transaction.js';
import { decodeFile, detectDelimiter } from './decode-text.js';
import { ImportColumns, type StagedRow } from './import-columns.js';
import type { ConflictRule, ImportOptions } from './import-options.js';
import { CsvReader, type CsvRecord } from './read-csv.js';

/** COPY takes rows in pieces of about so many characters. */
const COPY_PIECE = 16_384;

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

/** What is counted while a file is read. */
interface Tally {
  plan: ImportPlan;
  total: number;
  failed: number;
}

/**
 * Takes a file in: checks each line, and puts all of them beside the job that will bring them in. Job and rows are one
 * transaction, so a file that breaks off leaves nothing, and a job that is there has its whole file. Holds a few pieces of
 * it in memory, however large it is.
 *
 * @param pool without a time limit for statements: a slow line takes as long as it takes
 * @returns the job's id
 * @throws AppError BAD_USER_INPUT when the file as a whole makes no sense; what pg and the source throw
 */
export async function stageImport(
  pool: pg.Pool,
  source: AsyncIterable<Buffer>,
  options: ImportOptions,
  zones: TimeZoneList,
  by: By,
): Promise<string> {
  const file = await decodeFile(source, options.encoding);
  const delimiter = options.delimiter === 'auto' ? detectDelimiter(file.head) : options.delimiter;
  const records = readRecords(file.text, delimiter);
  const id = await inTransaction(pool, async (client) => {
    const { rows } = await client.query<{ id: string }>(
      `insert into client_job (kind, dry_run, params, created_by) values ('IMPORT', $1, '{}', $2) returning id`,
      [options.dryRun, by.name],
    );
    const { id } = rows[0]!;
    const { timeZone, onConflict } = options;
    const tally: Tally = { plan: { onConflict, timeZone, header: [], delimiter, lastLine: 0 }, total: 0, failed: 0 };
    const lines = copyLines(id, records, (header) => new ImportColumns(header, options, newClientParser(zones)), tally);
    await pipeline(
      Readable.from(lines, { objectMode: false }),
      client.query(copyFrom(`copy client_job_row (${COLUMNS}) from stdin`)),
    );
    await client.query(
      'update client_job set params = $2, total = $3, done = $4, failed = $4, version = version + 1 where id = $1',
      [id, tally.plan, tally.total, tally.failed],
    );
    return id;
  });
  return id!;
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
      if (piece.length < COPY_PIECE) continue;
      yield piece;
      piece = '';
    }
  }
  if (columns === undefined)
    throw new AppError('BAD_USER_INPUT', 'The file is empty: it needs a line with the names of its columns.');
  yield piece;
}

function headerOf({ cells, broken }: CsvRecord): string[] {
  if (broken) throw new AppError('BAD_USER_INPUT', 'The first line of the file can not be read.');
  return cells.map((cell) => cell.replaceAll('\0', '\uFFFD'));
}

const COLUMNS = 'job_id, line, cells, phone, operator_code, tags, time_zone, attributes, problems';

/** https://www.postgresql.org/docs/current/sql-copy.html, text format. */
function copyLine(jobId: string, row: StagedRow): string {
  const cells = [
    textArray(row.cells),
    row.phone,
    row.operatorCode,
    row.tags && textArray(row.tags),
    row.timeZone,
    row.attributes && JSON.stringify(row.attributes),
    row.problems && JSON.stringify(row.problems),
  ];
  return `${jobId}\t${row.line}\t${cells.map(copyCell).join('\t')}\n`;
}

const ESCAPES: Record<string, string> = { '\\': '\\\\', '\n': '\\n', '\r': '\\r', '\t': '\\t' };

function copyCell(cell: string | null): string {
  return cell === null ? '\\N' : cell.replace(/[\\\n\r\t]/g, (character) => ESCAPES[character]!);
}
