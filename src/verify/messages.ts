import type pg from 'pg';
import { to as copyTo } from 'pg-copy-streams';
import type { StoredStatus } from '../message/message.js';
import { CopyCells, Words } from './copy-cells.js';

/** What the ledger's requests are held against. */
export interface MessageRow {
  id: number;
  mailingId: number;
  /** 0: a test send to a phone that no client had. */
  clientId: number;
  test: boolean;
  phone: number;
  timeZone: string;
  status: StoredStatus;
  fence: number;
  uncertain: boolean;
  /** Somebody has it, or had it and died. */
  inHand: boolean;
}

const COPY = `copy (
  select id, mailing_id, coalesce(client_id, 0), kind = 'TEST', phone, time_zone, status, fence, uncertain,
    lease_until is not null or uncertain
  from message) to stdout`;

/** Hands over every message there is. COPY as text, for it costs half of what rows of a query do; no value needs escapes. */
export async function eachMessage(client: pg.ClientBase, take: (message: MessageRow) => void): Promise<void> {
  const words = new Words();
  for await (const rows of wholeLines(client.query(copyTo(COPY, { highWaterMark: 1 << 20 })))) {
    const cells = new CopyCells(rows, words);
    while (cells.more) take(nextRow(cells));
  }
}

/** Its columns in the order in which COPY has them. */
function nextRow(cells: CopyCells): MessageRow {
  return {
    id: cells.number(),
    mailingId: cells.number(),
    clientId: cells.number(),
    test: cells.boolean(),
    phone: cells.number(),
    timeZone: cells.word(),
    status: cells.word() as StoredStatus,
    fence: cells.number(),
    uncertain: cells.boolean(),
    inHand: cells.boolean(),
  };
}

/**
 * Cuts a stream of bytes into pieces of whole lines.
 *
 * @returns pieces that end with a line break; a last line without one is left out
 */
async function* wholeLines(stream: AsyncIterable<Buffer>): AsyncGenerator<Buffer> {
  let rest: Buffer | undefined;
  for await (const chunk of stream) {
    const bytes = rest === undefined ? chunk : Buffer.concat([rest, chunk]);
    const end = bytes.lastIndexOf('\n') + 1;
    rest = end === bytes.length ? undefined : bytes.subarray(end);
    if (end > 0) yield bytes.subarray(0, end);
  }
}
