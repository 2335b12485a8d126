import type pg from 'pg';
import { maskPhone, maskPhonesIn } from '../access/mask-phone.js';
import { numbered } from '../platform/conditions.js';
import { readRows } from '../platform/read-rows.js';
import { columnOfAttribute } from './client-columns.js';
import { type ClientFilter, clientsWhere } from './client-filter.js';

/** A table that is read piece by piece. */
export interface Table {
  header: string[];
  rows: AsyncGenerator<TableRow[], void, void>;
}
export type TableRow = (string | number | boolean | Date | null | undefined)[];

const COLUMNS = ['id', 'phone', 'operator_code', 'tags', 'time_zone', 'opted_out_at', 'created_at', 'updated_at'];

interface Row {
  id: string;
  phone: string;
  tags: string[];
  attributes: Record<string, string | number | boolean>;
  [column: string]: unknown;
}

/**
 * The clients that a filter means, newest first, each attribute in a column of its own. What it gives can be imported again.
 *
 * @param o.isMasked phones, wherever they stand, as those see them who may not see them whole
 */
export async function exportClients(
  pool: pg.Pool,
  filter: ClientFilter,
  o: { isMasked: boolean; signal: AbortSignal },
): Promise<Table> {
  const { sql, values } = numbered(clientsWhere(filter));
  const found = await pool.query<{ name: string }>(
    `select distinct name from client c, jsonb_object_keys(c.attributes) name where ${sql} order by name`,
    values,
  );
  const names = found.rows.map(({ name }) => name);
  const text = `select ${COLUMNS.join(', ')}, attributes from client c where ${sql} order by c.id desc`;
  const show = o.isMasked ? maskedRow : (row: Row) => row;
  async function* rows() {
    for await (const some of readRows<Row>(pool, { text, values }, o.signal)) {
      yield some.map((row) => toCells(show(row), names));
    }
  }
  return { header: [...COLUMNS, ...names.map(columnOfAttribute)], rows: rows() };
}

function toCells(row: Row, names: readonly string[]): TableRow {
  const tags = row.tags.map((tag) => tag.replace(/[\\;|]/g, '\\$&')).join(';');
  const own = COLUMNS.map((column) => (column === 'tags' ? tags : row[column]) as TableRow[number]);
  // Every object seems to have a `constructor`, which may be the name of an attribute.
  return [...own, ...names.map((name) => (Object.hasOwn(row.attributes, name) ? row.attributes[name] : null))];
}

function maskedRow(row: Row): Row {
  const mask = (value: string | number | boolean) => (typeof value === 'boolean' ? value : maskPhonesIn(String(value)));
  const attributes = Object.fromEntries(Object.entries(row.attributes).map(([name, value]) => [name, mask(value)]));
  return { ...row, phone: maskPhone(row.phone), tags: row.tags.map(maskPhonesIn), attributes };
}
