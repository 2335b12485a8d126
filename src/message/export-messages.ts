import type { EntityManager } from '@mikro-orm/postgresql';
import type pg from 'pg';
import { maskPhone, maskPhonesIn } from '../access/mask-phone.js';
import type { Table, TableRow } from '../client/export-clients.js';
import { Conditions, numbered } from '../platform/conditions.js';
import { readRows } from '../platform/read-rows.js';
import { textArray } from '../platform/sql-arrays.js';
import { clientsOf } from './list-messages.js';
import { shownStatusOf } from './message.js';
import { type MessageFilter, restOf, statusesWhere } from './message-filter.js';

/** Its columns, and the SQL on `message m` of those that are no columns of the table. */
const COLUMNS = {
  id: null,
  client_id: null,
  phone: null,
  time_zone: null,
  status: shownStatusOf('m.status', 'm.lease_until', 'm.due_at'),
  attempts: 'm.fence',
  due_at: null,
  created_at: null,
  sent_at: null,
  gateway_code: null,
  reason: null,
};

interface Row {
  phone: string;
  reason: string | null;
  [column: string]: unknown;
}

/** What an export of messages works with. */
export interface ExportMessagesOptions {
  em: EntityManager;
  /** Of which each reader holds a connection. */
  pool: pg.Pool;
  /** Phones as those see them who may not see them whole. */
  isMasked: boolean;
  signal: AbortSignal;
}

/** The messages of a mailing that a filter means, newest first. */
export async function exportMessages(
  { em, pool, isMasked, signal }: ExportMessagesOptions,
  mailingId: string,
  filter: MessageFilter,
): Promise<Table> {
  const where = new Conditions();
  where.add(`m.mailing_id = ? and m.kind = 'CAMPAIGN'`, mailingId);
  where.add(statusesWhere(filter));
  const clients = await clientsOf(em, filter);
  if (clients !== null) where.add('m.client_id = any (?::bigint[])', textArray(clients));
  const rest = restOf(filter);
  where.add(rest.sql, ...rest.values);
  const { sql, values } = numbered(where);
  const shown = Object.entries(COLUMNS).map(([name, own]) => `${own ?? `m.${name}`} as ${name}`);
  const text = `select ${shown.join(', ')} from message m where ${sql} order by m.id desc`;
  const mask = ({ phone, reason, ...row }: Row): Row => ({
    ...row,
    phone: maskPhone(phone),
    reason: reason && maskPhonesIn(reason),
  });
  async function* rows() {
    for await (const some of readRows<Row>(pool, { text, values }, signal)) {
      yield some
        .map((row) => (isMasked ? mask(row) : row))
        .map((row) => Object.keys(COLUMNS).map((column) => row[column] as TableRow[number]));
    }
  }
  return { header: Object.keys(COLUMNS), rows: rows() };
}
