import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { CsvError, parse } from 'csv-parse';
import type pg from 'pg';
import { from as copyFrom } from 'pg-copy-streams';
import { AppError } from '../errors.js';
import { InputError } from '../graphql/parse-input.js';
import { TimeZones } from '../graphql/time-zones.js';
import { textArray } from '../platform/text-array.js';
import { type NewClient, newClientParser } from './client.inputs.js';

/** A line of the file that was left out. Never repeats what stood there: it may be a phone. */
export interface RejectedLine {
  /** From 1 on, the header included; of a record over several lines, the last. */
  line: number;
  /** The file's column, or an empty text when it is about the line as a whole. */
  field: string;
  message: string;
}

/** What an import came to. */
export interface ImportResult {
  /** Clients that are there now with what the file says of them. */
  imported: number;
  rejected: RejectedLine[];
}

/** The columns that mean something; every other one is an attribute for texts, under its own name. */
const COLUMNS: Record<string, string> = {
  phone: 'phone',
  operator_code: 'operatorCode',
  tags: 'tags',
  tag: 'tag',
  time_zone: 'timeZone',
};
const FIELD_TO_COLUMN = new Map(Object.entries(COLUMNS).map(([column, field]) => [field, column]));

/** Longer than any record that could be right, characters: a quote that is never closed must not fill the memory. */
const MAX_RECORD = 65_536;
/** COPY takes rows in pieces of about so many characters. */
const COPY_PIECE = 65_536;

const MAKE_TABLE = `
  create temp table import_client (line int, phone text, operator_code text, tags text[], time_zone text, attributes jsonb)
  on commit drop`;

/**
 * Of lines with the same phone the last one counts. A client that is the same already is not touched; a changed zone is
 * written down. Who opted out stays so: the file does not speak of it.
 */
const UPSERT = `
  with incoming as materialized (
    select distinct on (phone) * from import_client order by phone, line desc
  ), moved as (
    insert into client_event (client_id, kind, by, details)
    select c.id, 'TIME_ZONE_CHANGED', 'import', jsonb_build_object('from', c.time_zone, 'to', i.time_zone)
    from client c join incoming i using (phone) where c.deleted_at is null and c.time_zone <> i.time_zone
  ), written as (
    insert into client as c (phone, operator_code, tags, time_zone, attributes)
    select phone, operator_code, tags, time_zone, attributes from incoming order by line
    on conflict (phone) where deleted_at is null do update set operator_code = excluded.operator_code, tags = excluded.tags,
      time_zone = excluded.time_zone, attributes = excluded.attributes, updated_at = clock_timestamp(), revision = c.revision + 1
    where (c.operator_code, c.tags, c.time_zone, c.attributes)
      is distinct from (excluded.operator_code, excluded.tags, excluded.time_zone, excluded.attributes)
  )
  select count(*)::int as imported from incoming`;

/**
 * Reads clients from CSV (UTF-8, commas, a header line) into the database, all good lines in one transaction: they are
 * streamed by COPY into a temporary table, and from there inserted, or laid over the client with the same phone. Columns:
 * `phone`, `time_zone`, and if you like `operator_code`, `tags` (parted by `;` or `|`), `tag`; all others are attributes.
 *
 * @throws AppError BAD_USER_INPUT when the file as a whole makes no sense; what pg and the source throw. Nothing is
 *   imported then.
 */
export async function importClients(pool: pg.Pool, source: Readable): Promise<ImportResult> {
  const parseClient = newClientParser(await new TimeZones(pool).load());
  const rejected: RejectedLine[] = [];
  const rows = copyRows(source, parseClient, (line) => rejected.push(line));
  const client = await pool.connect();
  let done = false;
  try {
    await client.query('begin');
    await client.query(MAKE_TABLE);
    await pipeline(Readable.from(rows), client.query(copyFrom('copy import_client from stdin')));
    const { rows: counts } = await client.query<{ imported: number }>(UPSERT);
    await client.query('commit');
    done = true;
    return { imported: counts[0]!.imported, rejected };
  } finally {
    // One that failed is closed, not given back: its transaction may be open still, for whoever comes next.
    client.release(!done);
  }
}

async function* copyRows(
  source: Readable,
  parseClient: (input: unknown) => NewClient,
  reject: (line: RejectedLine) => void,
): AsyncGenerator<string> {
  let header: string[] | undefined;
  let piece = '';
  for await (const { record, info } of readRecords(source, reject)) {
    if (header === undefined) {
      header = checkHeader(record);
      continue;
    }
    if (record.length !== header.length) {
      reject({ line: info.lines, field: '', message: `has ${record.length} fields; the header has ${header.length}` });
      continue;
    }
    try {
      piece += copyRow(info.lines, parseClient(clientOf(header, record)));
    } catch (error) {
      if (!(error instanceof InputError)) throw error;
      for (const { field = '', message } of error.problems)
        reject({ line: info.lines, field: columnOf(field), message });
    }
    if (piece.length >= COPY_PIECE) {
      yield piece;
      piece = '';
    }
  }
  if (header === undefined) throw new AppError('BAD_USER_INPUT', 'The file is empty: it needs a header line.');
  yield piece;
}

interface CsvRecord {
  record: string[];
  info: { lines: number };
}

/** The records one by one; what csv-parse can't read is rejected, and it goes on with the next line. */
function readRecords(source: Readable, reject: (line: RejectedLine) => void): AsyncIterable<CsvRecord> {
  const parser = parse({
    bom: true,
    info: true,
    trim: true,
    relax_column_count: true,
    skip_empty_lines: true,
    skip_records_with_error: true,
    max_record_size: MAX_RECORD,
    on_skip: (error) => {
      if (error instanceof CsvError)
        reject({ line: Number(error['lines'] ?? 0), field: '', message: 'is no readable CSV' });
      return undefined;
    },
  });
  source.on('error', (error) => parser.destroy(error));
  return source.pipe(parser);
}

function checkHeader(record: string[]): string[] {
  const header = record.map((name) => (COLUMNS[name.toLowerCase()] ? name.toLowerCase() : name));
  for (const column of ['phone', 'time_zone']) {
    if (!header.includes(column)) throw new AppError('BAD_USER_INPUT', `The file has no column "${column}".`, column);
  }
  const doubled = header.find((name, index) => header.indexOf(name) !== index);
  if (doubled !== undefined) throw new AppError('BAD_USER_INPUT', 'The file has two columns of the same name.');
  return header;
}

/** An empty cell means that the client has no such thing. */
function clientOf(header: string[], record: string[]): Record<string, unknown> {
  const client: Record<string, unknown> = {};
  const attributes: Record<string, string> = {};
  record.forEach((cell, index) => {
    const column = header[index]!;
    if (cell === '') return;
    if (column === 'tags')
      client['tags'] = cell
        .split(/[;|]/)
        .map((tag) => tag.trim())
        .filter((tag) => tag !== '');
    else if (COLUMNS[column]) client[COLUMNS[column]] = cell;
    else attributes[column] = cell;
  });
  return { ...client, attributes };
}

/** `tags.0` and `attributes.city` are the columns `tags` and `city`. */
function columnOf(field: string): string {
  const [first = '', second = ''] = field.split('.');
  return first === 'attributes' ? second : (FIELD_TO_COLUMN.get(first) ?? first);
}

function copyRow(line: number, client: NewClient): string {
  const cells = [
    client.phone,
    client.operatorCode,
    textArray(client.tags),
    client.timeZone,
    JSON.stringify(client.attributes),
  ];
  return `${line}\t${cells.map(copyCell).join('\t')}\n`;
}

const ESCAPES: Record<string, string> = { '\\': '\\\\', '\n': '\\n', '\r': '\\r', '\t': '\\t' };

function copyCell(cell: string): string {
  return cell.replace(/[\\\n\r\t]/g, (character) => ESCAPES[character]!);
}
