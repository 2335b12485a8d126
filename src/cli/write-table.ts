import { randomBytes } from 'node:crypto';
import { createWriteStream, realpathSync, renameSync, rmSync, statSync } from 'node:fs';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import type { Table, TableRow } from '../client/export-clients.js';
import type { Call } from './call.js';

/** Where a table goes. */
export interface TableTarget {
  /** Left out: it is printed. */
  file?: string | undefined;
  /** An array of objects, the header's names as keys; else CSV. */
  json: boolean;
  /** Aborted where the rest of the rows does not come any more. */
  stop?: AbortSignal;
}

/**
 * Writes a table at the pace of whoever reads it: a few hundred rows are in memory, however many there are. A file is there once it
 * is whole, and stays as it was when something goes wrong. What is no file, such as a pipe with a name or /dev/null, is written into.
 *
 * @throws what reading and writing throw
 */
export async function writeTable(call: Call, table: Table, { file, json, stop }: TableTarget): Promise<void> {
  const { csvLine } = await import('../platform/csv.js');
  const text = Readable.from(whole(json ? jsonOf(table) : csvOf(table, csvLine), stop));
  if (file === undefined) return await pipeline(text, call.surroundings.stdout, { end: false });
  const there = statSync(file, { throwIfNoEntry: false });
  if (there && !there.isFile()) return await pipeline(text, createWriteStream(file));
  // A link stays one. Beside the file somebody may lie in wait, or a second export be at work: nothing that is there is taken.
  const target = there ? realpathSync(file) : file;
  const part = `${target}.${randomBytes(4).toString('hex')}.part`;
  try {
    // It may hold phones: nobody else's business.
    await pipeline(text, createWriteStream(part, { flags: 'wx', mode: 0o600 }));
    renameSync(part, target);
  } catch (error) {
    rmSync(part, { force: true });
    throw error;
  }
}

/** A query that was cut off just ends: that is no whole table. @throws the reason of the stop */
async function* whole(text: AsyncIterable<string>, stop: AbortSignal | undefined) {
  yield* text;
  stop?.throwIfAborted();
}

async function* csvOf({ header, rows }: Table, csvLine: (cells: TableRow, delimiter: string) => string) {
  yield csvLine(header, ',');
  for await (const some of rows) yield some.map((row) => csvLine(row, ',')).join('');
}

async function* jsonOf({ header, rows }: Table) {
  let before = '[\n';
  for await (const some of rows) {
    if (some.length === 0) continue;
    const objects = some.map((row) =>
      JSON.stringify(Object.fromEntries(header.map((name, at) => [name, row[at] ?? null]))),
    );
    yield `${before}${objects.join(',\n')}`;
    before = ',\n';
  }
  yield before === '[\n' ? '[]\n' : '\n]\n';
}
