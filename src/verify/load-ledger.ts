import { createReadStream, statSync } from 'node:fs';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import type pg from 'pg';
import { from as copyFrom } from 'pg-copy-streams';
import { AppError } from '../errors.js';
import { type LedgerLine, parseLedgerLine } from '../simulator/ledger-entry.js';

/** COPY takes rows in pieces of about so many characters. */
const COPY_PIECE = 131_072;

/**
 * Temporary tables of one verification.
 *
 * - `request`: the ledger, a row a request. `early`: it was on record before the database was looked at, so the database
 *   must know of it; one that came later may only stand as evidence that something was accepted.
 * - `requested`: a row for each id in the ledger, beside the message it belongs to (nulls when there is none).
 */
const TABLES = `
  create temp table request (seq bigint, id bigint, phone bigint, hash text collate "C", at_ms float8, status int, code float8,
    accepted boolean, complete boolean, early boolean, at timestamptz generated always as (to_timestamp(at_ms / 1000)) stored);
  create temp table requested (id bigint, mailing_id bigint, client_id bigint, kind text, phone bigint, time_zone text,
    message_status text, fence int, uncertain boolean, in_hand boolean,
    requests int, hashes_differ boolean, lowest_phone bigint, highest_phone bigint, accepted boolean, accepted_early boolean,
    unclear boolean, repeated_unclear boolean)`;

/**
 * A clear no: the answer came to its end and says by protocol that the message was not taken. A 502 or 504 is a proxy's
 * word, and a 200 without a number for a code says nothing.
 */
const CLEAR_NO = `(complete and not accepted and status not in (502, 504) and (code is not null or status not between 200 and 299))`;

const SUMMARISE = `
  insert into requested
  select r.id, m.mailing_id, m.client_id, m.kind, m.phone::bigint, m.time_zone, m.status, m.fence, m.uncertain,
    m.lease_until is not null or m.uncertain,
    r.requests, r.first_hash <> r.last_hash, r.lowest_phone, r.highest_phone, r.accepted, r.accepted_early,
    r.first_unclear is not null, r.first_unclear < r.last
  from (
    select id, (count(*) filter (where early))::int as requests, min(hash) as first_hash, max(hash) as last_hash,
      min(phone) as lowest_phone, max(phone) as highest_phone, bool_or(accepted) as accepted,
      bool_or(accepted and early) as accepted_early,
      min(seq) filter (where early and not ${CLEAR_NO}) as first_unclear, max(seq) filter (where early) as last
    from request group by id
  ) r left join message m on m.id = r.id`;

/** Makes the empty tables, so that they can be filled in a read-only transaction. */
export async function createLedgerTables(client: pg.ClientBase): Promise<void> {
  // A million requests and what belongs to them; with the usual 8 MB every pass would read them from files.
  await client.query(`set temp_buffers = '384MB'`);
  await client.query(TABLES);
}

/** @returns the ledger's size, bytes. @throws AppError NOT_FOUND when there is none */
export function ledgerSize(file: string): number {
  const found = statSync(file, { throwIfNoEntry: false });
  if (!found) throw new AppError('NOT_FOUND', `There is no ledger at ${file}.`);
  return found.size;
}

/**
 * Fills the tables.
 *
 * @param earlyBytes how much of the file was there before the database was looked at
 * @throws Error naming the line when the file is no ledger
 */
export async function loadLedger(client: pg.ClientBase, file: string, earlyBytes: number): Promise<void> {
  const columns = 'seq, id, phone, hash, at_ms, status, code, accepted, complete, early';
  await pipeline(
    Readable.from(copyRows(file, earlyBytes)),
    client.query(copyFrom(`copy request (${columns}) from stdin`)),
  );
  await client.query('analyze request');
  await client.query(SUMMARISE);
  await client.query('analyze requested');
}

interface Request extends LedgerLine {
  early: boolean;
}

/** Rows for COPY. Lines of one request are laid over each other; one that is not over yet is kept until the file is. */
async function* copyRows(file: string, earlyBytes: number): AsyncGenerator<string> {
  const unfinished = new Map<number, Request>();
  let piece = '';
  for await (const { line, early } of readLines(file, earlyBytes)) {
    const known = unfinished.get(line.seq);
    // An answer that came late was no answer yet when the database was looked at; its request was there all the same.
    const request = known ? { ...known, ...line, early: known.early } : { ...line, early };
    if (line.complete === true) {
      unfinished.delete(line.seq);
      piece += copyRow(request);
    } else {
      unfinished.set(line.seq, request);
    }
    if (piece.length >= COPY_PIECE) {
      yield piece;
      piece = '';
    }
  }
  for (const request of unfinished.values()) piece += copyRow(request);
  yield piece;
}

function copyRow(r: Request): string {
  const cells = [
    r.seq,
    r.id,
    r.phone,
    r.hash,
    r.at,
    r.status,
    r.code,
    r.accepted ?? false,
    r.complete ?? false,
    r.early,
  ];
  return `${cells.map((cell) => cell ?? '\\N').join('\t')}\n`;
}

/** The lines that have their line break: a last one without is still being written, or torn. */
async function* readLines(file: string, earlyBytes: number): AsyncGenerator<{ line: LedgerLine; early: boolean }> {
  let rest = '';
  let bytes = 0;
  let number = 0;
  for await (const chunk of createReadStream(file, { encoding: 'latin1', highWaterMark: 1 << 20 })) {
    const lines = (rest + chunk).split('\n');
    rest = lines.pop() ?? '';
    for (const text of lines) {
      number += 1;
      bytes += text.length + 1;
      yield { line: parseNumbered(text, number), early: bytes <= earlyBytes };
    }
  }
}

function parseNumbered(text: string, number: number): LedgerLine {
  try {
    return parseLedgerLine(text);
  } catch (error) {
    throw new AppError('BAD_USER_INPUT', `line ${number}: ${error instanceof Error ? error.message : error}`);
  }
}
