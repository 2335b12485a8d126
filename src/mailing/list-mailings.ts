import type { EntityManager } from '@mikro-orm/postgresql';
import { registerEnumType } from 'type-graphql';
import { ID_PART, type KeyPart, type Keyset, type Listed, MICROS_PART } from '../graphql/connection.js';
import { MOMENT_OF_MICROS, microsOf } from '../platform/micros.js';
import { Mailing } from './mailing.js';
import { type MailingFilter, mailingsWhere } from './mailing-filter.js';

/** How a list of mailings is sorted. */
export enum MailingOrder {
  NEWEST = 'NEWEST',
  OLDEST = 'OLDEST',
  STARTS_EARLIEST = 'STARTS_EARLIEST',
  STARTS_LATEST = 'STARTS_LATEST',
  ENDS_EARLIEST = 'ENDS_EARLIEST',
  ENDS_LATEST = 'ENDS_LATEST',
}

registerEnumType(MailingOrder, {
  name: 'MailingOrder',
  description: 'How a list of mailings is sorted.',
  valuesConfig: {
    NEWEST: { description: 'The last that was made first.' },
    OLDEST: { description: 'The first that was made first.' },
    STARTS_EARLIEST: { description: 'By `startsAt`, the earliest first.' },
    STARTS_LATEST: { description: 'By `startsAt`, the latest first.' },
    ENDS_EARLIEST: { description: 'By `endsAt`, the earliest first.' },
    ENDS_LATEST: { description: 'By `endsAt`, the latest first.' },
  },
});

interface Order {
  /** The name of the list in cursors. */
  readonly list: string;
  readonly parts: readonly KeyPart[];
  /** SQL on `mailing g`: its key. What comes behind one is `key operator (?, …)`. */
  readonly key: readonly string[];
  readonly descending: boolean;
}

const byId = (list: string, descending: boolean): Order => ({ list, parts: [ID_PART], key: ['g.id'], descending });
const byMoment = (list: string, column: string, descending: boolean): Order => ({
  list,
  parts: [MICROS_PART, ID_PART],
  key: [column, 'g.id'],
  descending,
});

export const MAILING_ORDERS: Readonly<Record<MailingOrder, Order>> = {
  NEWEST: byId('mailing', true),
  OLDEST: byId('mailing-oldest', false),
  STARTS_EARLIEST: byMoment('mailing-starts', 'g.starts_at', false),
  STARTS_LATEST: byMoment('mailing-starts-latest', 'g.starts_at', true),
  ENDS_EARLIEST: byMoment('mailing-ends', 'g.ends_at', false),
  ENDS_LATEST: byMoment('mailing-ends-latest', 'g.ends_at', true),
};

/** A page of mailings: up to `first + 1`. */
export async function listMailings(
  em: EntityManager,
  filter: MailingFilter,
  keyset: Keyset,
  order: MailingOrder = MailingOrder.NEWEST,
): Promise<Listed<Mailing>[]> {
  const { sql, values } = mailingsWhere(filter);
  const { key, descending } = MAILING_ORDERS[order];
  const moment = key.length === 2 ? key[0]! : 'g.created_at';
  const given = key.length === 2 ? `(${MOMENT_OF_MICROS}, ?::bigint)` : '(?::bigint)';
  const behind = keyset.after === null ? 'true' : `(${key.join(', ')}) ${descending ? '<' : '>'} ${given}`;
  const picked = await em.execute<{ id: string; micros: string }[]>(
    `select g.id, ${microsOf(moment)}::text as micros from mailing g where ${sql} and ${behind}
     order by ${key.map((part) => `${part} ${descending ? 'desc' : 'asc'}`).join(', ')} limit ${keyset.first + 1}`,
    [...values, ...(keyset.after ?? [])],
  );
  const ids = picked.map(({ id }) => id);
  const found = await em.find(Mailing, { id: { $in: ids } }, { disableIdentityMap: true });
  const mailings = new Map(found.map((mailing) => [mailing.id, mailing]));
  return picked.flatMap(({ id, micros }) => {
    const mailing = mailings.get(id);
    return mailing === undefined ? [] : [{ row: mailing, key: key.length === 2 ? [micros, id] : [id] }];
  });
}

/** How many mailings a filter means, counted one by one. */
export async function countMailings(em: EntityManager, filter: MailingFilter): Promise<number> {
  const { sql, values } = mailingsWhere(filter);
  const [row] = await em.execute<{ count: number }[]>(
    `select count(*)::int as count from mailing g where ${sql}`,
    values,
  );
  return row?.count ?? 0;
}
