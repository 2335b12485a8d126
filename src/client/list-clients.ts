import type { EntityManager } from '@mikro-orm/postgresql';
import { registerEnumType } from 'type-graphql';
import type { Actor } from '../access/actor.js';
import { AppError } from '../errors.js';
import { ID_PART, type KeyPart, type Keyset, MICROS_PART, PHONE_PART } from '../graphql/connection.js';
import { isTooSlow } from '../platform/database-away.js';
import { MOMENT_OF_MICROS } from '../platform/micros.js';
import { Client } from './client.js';
import { type ClientFilter, clientsWhere, isEverybody } from './client-filter.js';

/** How a list of clients is sorted. */
export enum ClientOrder {
  NEWEST = 'NEWEST',
  OLDEST = 'OLDEST',
  PHONE = 'PHONE',
  UPDATED = 'UPDATED',
}

registerEnumType(ClientOrder, {
  name: 'ClientOrder',
  description: 'How a list of clients is sorted.',
  valuesConfig: {
    NEWEST: { description: 'The last that was added first.' },
    OLDEST: { description: 'The first that was added first.' },
    PHONE: { description: 'By phone, the lowest number first.' },
    UPDATED: { description: 'The last that was changed first. One that is changed meanwhile moves to the beginning.' },
  },
});

interface Order {
  /** The name of the list in cursors. */
  readonly list: string;
  readonly parts: readonly KeyPart[];
  readonly keyOf: (client: Client) => string[];
  /** SQL on `client c`: what comes behind a key, the key's parts being its question marks. */
  readonly behind: string;
  readonly by: string;
  /** The same order in a way that no index has: the planner then takes the filter's index, and sorts. */
  readonly unindexed: string;
}

const CLIENT_ORDERS: Readonly<Record<ClientOrder, Order>> = {
  NEWEST: {
    list: 'client',
    parts: [ID_PART],
    keyOf: ({ id }) => [id],
    behind: 'c.id < ?',
    by: 'c.id desc',
    unindexed: 'c.id + 0 desc',
  },
  OLDEST: {
    list: 'client-oldest',
    parts: [ID_PART],
    keyOf: ({ id }) => [id],
    behind: 'c.id > ?',
    by: 'c.id',
    unindexed: 'c.id + 0',
  },
  PHONE: {
    list: 'client-phone',
    parts: [PHONE_PART],
    keyOf: ({ phone }) => [phone],
    behind: 'c.phone > ?',
    by: 'c.phone',
    unindexed: `c.phone || ''`,
  },
  UPDATED: {
    list: 'client-updated',
    parts: [MICROS_PART, ID_PART],
    keyOf: ({ updatedAtMicros, id }) => [updatedAtMicros, id],
    behind: `(c.updated_at, c.id) < (${MOMENT_OF_MICROS}, ?::bigint)`,
    by: 'c.updated_at desc, c.id desc',
    unindexed: `c.updated_at + interval '0' desc, c.id desc`,
  },
};

/**
 * How to sort.
 *
 * @throws AppError FORBIDDEN on `orderBy` for those who may not see phones: the order of masked ones tells them
 */
export function clientOrder(order: ClientOrder, actor: Pick<Actor, 'need'>): Order {
  if (order === ClientOrder.PHONE) actor.need('clients:phones', 'orderBy');
  return CLIENT_ORDERS[order];
}

/**
 * Clients that are looked at in the list's own order before the filter's index is asked: some 10 ms. Where many match, the
 * page is full by then; where few do, fetching and sorting them all costs less than a walk, which may have to go to the end.
 * The planner can't tell the two apart: it does not know that those with a tag were all added long ago.
 */
export const LOOKED_AT = 6_000;

/** Clients that a page may pass over: more than anybody has. */
export const MOST_SKIPPED = 100_000_000;

/** Passing over a million takes some 0.4 s where their rows are at hand, and much longer where the disk is asked for them, ms. */
const SKIP_WITHIN = 5_000;

/**
 * A page of clients: up to `first + 1`. Those that the keyset skips are read one by one, which costs as much as counting them.
 *
 * @param skipWithin how long passing over may take, ms
 * @throws AppError UNAVAILABLE on `skip` when it takes longer
 */
export async function listClients(
  em: EntityManager,
  filter: ClientFilter,
  keyset: Keyset,
  order: ClientOrder = ClientOrder.NEWEST,
  skipWithin = SKIP_WITHIN,
): Promise<Client[]> {
  const ids = keyset.skip
    ? await pickFarther(em, filter, keyset, CLIENT_ORDERS[order], skipWithin)
    : await pickClients(em, filter, keyset, CLIENT_ORDERS[order]);
  const clients = await em.find(Client, { id: { $in: ids } }, { disableIdentityMap: true });
  const byId = new Map(clients.map((client) => [client.id, client]));
  return ids.flatMap((id) => byId.get(id) ?? []);
}

async function pickClients(em: EntityManager, filter: ClientFilter, keyset: Keyset, order: Order): Promise<string[]> {
  const { sql, values } = clientsWhere(filter);
  const room = keyset.first + 1;
  const behind = keyset.after === null ? 'true' : order.behind;
  const after = keyset.after ?? [];
  const everybody = isEverybody(filter);
  const walked = everybody ? room : LOOKED_AT;
  const walk = `select id from (
      select * from client c where c.deleted_at is null and ${behind} order by ${order.by} limit ${walked}
    ) c where ${sql} order by ${order.by} limit ${room}`;
  const found = filter.phone == null ? await idsOf(em, walk, [...after, ...values]) : [];
  if (found.length === room || everybody) return found;
  const sorted = `select id from client c where ${sql} and ${behind} order by ${order.unindexed} limit ${room}`;
  return await idsOf(em, sorted, [...values, ...after]);
}

async function pickFarther(
  em: EntityManager,
  filter: ClientFilter,
  { first, after, skip = 0 }: Keyset,
  order: Order,
  withinMs: number,
): Promise<string[]> {
  const { sql, values } = clientsWhere(filter);
  const behind = after === null ? 'true' : order.behind;
  const farther = `select id from client c where ${sql} and ${behind} order by ${order.by} limit ${first + 1} offset ${skip}`;
  return await em
    .transactional(async (tx) => {
      await tx.execute(`set local statement_timeout = ${withinMs}`);
      return await idsOf(tx, farther, [...values, ...(after ?? [])]);
    })
    .catch((error: unknown) => {
      if (!isTooSlow(error)) throw error;
      const instead = 'narrow the filter, or go on from a page that you have, with `after`';
      throw new AppError('UNAVAILABLE', `To pass over so many clients takes too long just now: ${instead}.`, 'skip');
    });
}

async function idsOf(em: EntityManager, sql: string, values: string[]): Promise<string[]> {
  return (await em.execute<{ id: string }[]>(sql, values)).map(({ id }) => id);
}

/** How many clients a filter means, counted one by one. */
export async function countClients(em: EntityManager, filter: ClientFilter): Promise<number> {
  const { sql, values } = clientsWhere(filter);
  const [row] = await em.execute<{ count: number }[]>(
    `select count(*)::int as count from client c where ${sql}`,
    values,
  );
  return row?.count ?? 0;
}
