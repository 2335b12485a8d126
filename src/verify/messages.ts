import type pg from 'pg';
import { to as copyTo } from 'pg-copy-streams';
import type { StoredStatus } from '../message/message.js';

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
  let rest = '';
  const stream = client.query(copyTo(COPY, { highWaterMark: 1 << 20, encoding: 'latin1' }));
  for await (const chunk of stream) {
    const lines = (rest + chunk).split('\n');
    rest = lines.pop() ?? '';
    for (const line of lines) take(rowOf(line.split('\t')));
  }
}

function rowOf(cells: string[]): MessageRow {
  return {
    id: Number(cells[0]),
    mailingId: Number(cells[1]),
    clientId: Number(cells[2]),
    test: cells[3] === 't',
    phone: Number(cells[4]),
    timeZone: cells[5]!,
    status: cells[6] as StoredStatus,
    fence: Number(cells[7]),
    uncertain: cells[8] === 't',
    inHand: cells[9] === 't',
  };
}
