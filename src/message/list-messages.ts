import type { EntityManager } from '@mikro-orm/postgresql';
import { registerEnumType } from 'type-graphql';
import { AppError } from '../errors.js';
import { ID_PART, type KeyPart, type Keyset, type Listed, MICROS_PART } from '../graphql/connection.js';
import { MOMENT_OF_MICROS, microsOf } from '../platform/micros.js';
import { textArray } from '../platform/sql-arrays.js';
import { Message, MessageStatus } from './message.js';
import {
  isOnly,
  type MessageFilter,
  NOT_SENT,
  NOT_SENT_SQL,
  OPEN_STATUSES,
  restOf,
  statusesWhere,
} from './message-filter.js';

/** How a list of messages is sorted. */
export enum MessageOrder {
  NEWEST = 'NEWEST',
  OLDEST = 'OLDEST',
  DUE = 'DUE',
}

registerEnumType(MessageOrder, {
  name: 'MessageOrder',
  description: 'How a list of messages is sorted.',
  valuesConfig: {
    NEWEST: { description: 'The last that was made first.' },
    OLDEST: { description: 'The first that was made first.' },
    DUE: { description: 'By `dueAt`, the earliest first: of one mailing, and of open statuses alone.' },
  },
});

interface Order {
  /** The name of the list in cursors. */
  readonly list: string;
  readonly parts: readonly KeyPart[];
  /** SQL on `message m`: what comes behind a key, whose parts are the question marks. */
  readonly behind: string;
  readonly by: string;
}

export const MESSAGE_ORDERS: Readonly<Record<MessageOrder, Order>> = {
  NEWEST: { list: 'message', parts: [ID_PART], behind: 'm.id < ?::bigint', by: 'm.id desc' },
  OLDEST: { list: 'message-oldest', parts: [ID_PART], behind: 'm.id > ?::bigint', by: 'm.id' },
  DUE: {
    list: 'due',
    parts: [MICROS_PART, ID_PART],
    behind: `(m.due_at, m.id) > (${MOMENT_OF_MICROS}, ?::bigint)`,
    by: 'm.due_at, m.id',
  },
};

/**
 * Open ones come in the order in which they are due, when nothing else is said; any others newest first.
 *
 * @throws AppError BAD_USER_INPUT on `orderBy` when the index does not have them in that order
 */
export function orderOf(filter: MessageFilter, wanted: MessageOrder | null): MessageOrder {
  const openOnly = isOnly(filter, OPEN_STATUSES);
  if (wanted === MessageOrder.DUE && !openOnly) {
    throw new AppError('BAD_USER_INPUT', 'orderBy can be DUE for open statuses alone: name them in filter.', 'orderBy');
  }
  return wanted ?? (openOnly ? MessageOrder.DUE : MessageOrder.NEWEST);
}

/** A part of a list. */
export interface MessageRows {
  /** Up to `first + 1`. */
  readonly rows: Listed<Message>[];
  /** Where to go on when it stopped looking before the page was full; null: there is nothing more, or the page is full. */
  readonly goOn: readonly string[] | null;
}

/** Messages of which mailings, or to which clients: each of them has a list of its own. */
export interface Owners {
  readonly owner: 'mailings' | 'clients';
  readonly ids: readonly string[];
}

/** What of each list is wanted. */
export interface MessagePage {
  readonly filter: MessageFilter;
  readonly keyset: Keyset;
  readonly order: MessageOrder;
}

/** Open messages that are looked at for live leases. Claims take the earliest due first, so that is where leases are. */
export const LEASES_AMONG = 20_000;

/** Messages looked at for one page where no index has the filter: some 20 ms. */
export const LOOK_AT = 20_000;

/** Messages looked at for a count where no index has the filter: less than a second. */
export const COUNT_AT = 500_000;

/** A page for each owner, in their order: as many statements for a hundred owners as for one. */
export async function listMessages(em: EntityManager, owners: Owners, page: MessagePage): Promise<MessageRows[]> {
  const { ids } = owners;
  const { by } = MESSAGE_ORDERS[page.order];
  const room = page.keyset.first + 1;
  const source = await sourceOf(em, owners, page, { room, walk: LOOK_AT });
  const picked = await em.execute<Picked[]>(
    `select w.n::int, m.mailing_id as "mailingId", m.id, ${DUE_MICROS} as due
     from unnest(?::bigint[]) with ordinality w (id, n)
     cross join lateral (select m.* from ${source.sql} order by ${by} limit ${room}) m
     order by w.n, ${by}`,
    [textArray(ids), ...source.values],
  );
  const byOwner = Map.groupBy(await load(em, picked, page.order), ({ n }) => n);
  const lists = ids.map((_, at) => byOwner.get(at + 1) ?? []);
  const short = ids.filter((_, at) => (lists[at]?.length ?? 0) < room);
  const ends = source.isBounded && short.length > 0 ? await lookedUpTo(em, short, page) : new Map();
  return lists.map((rows, at) => ({ rows, goOn: ends.get(ids[at]) ?? null }));
}

export interface Picked {
  n: number;
  mailingId: string;
  id: string;
  /** µs since the epoch. */
  due: string;
}

export const DUE_MICROS = `${microsOf('m.due_at')}::text`;
const keyOf = (order: MessageOrder, { due, id }: Picked) => (order === MessageOrder.DUE ? [due, id] : [id]);

/** What was picked, in the same order. Whatever was removed in between is left out. */
export async function load<P extends Picked>(em: EntityManager, picked: readonly P[], order: MessageOrder) {
  const byMailing = Map.groupBy(picked, ({ mailingId }) => mailingId);
  const wanted = [...byMailing].map(([mailingId, some]) => ({ mailingId, id: { $in: some.map(({ id }) => id) } }));
  const found = picked.length === 0 ? [] : await em.find(Message, { $or: wanted }, { disableIdentityMap: true });
  const byId = new Map(found.map((message) => [message.id, message]));
  return picked.flatMap((pick) => {
    const message = byId.get(pick.id);
    return message === undefined ? [] : [{ n: pick.n, row: message, key: keyOf(order, pick) }];
  });
}

interface Source {
  /** A `from` clause with `message m` that an owner `w` has. */
  readonly sql: string;
  readonly values: readonly string[];
  /** It ends after LOOK_AT messages, whatever it found. */
  readonly isBounded: boolean;
}

interface Limits {
  /** Rows that are wanted; null: all. */
  readonly room: number | null;
  /** Rows looked at where no index has the filter. */
  readonly walk: number;
}

async function sourceOf(em: EntityManager, owners: Owners, page: MessagePage, limits: Limits): Promise<Source> {
  const { filter, keyset, order } = page;
  const to = await clientsOf(em, filter);
  if (to !== null || owners.owner === 'clients') return lookUp(owners, to, page);
  const { by, behind } = MESSAGE_ORDERS[order];
  const rest = restOf(filter);
  const after = keyset.after ?? [];
  const here = `m.mailing_id = w.id and m.kind = 'CAMPAIGN' and ${keyset.after === null ? 'true' : behind}`;
  if (isOnly(filter, NOT_SENT)) {
    const each = `select m.* from message m where ${here} and m.status = s.status and m.status in (${NOT_SENT_SQL})
      and ${rest.sql} order by ${by} ${limits.room === null ? '' : `limit ${limits.room}`}`;
    const sql = `unnest(?::text[]) s (status) cross join lateral (${each}) m`;
    return { sql, values: [textArray([...new Set(filter.statuses)]), ...after, ...rest.values], isBounded: false };
  }
  const open = order === MessageOrder.DUE ? `and m.status = 'OPEN'` : '';
  const leases = filter.statuses?.every((status) => status === MessageStatus.SENDING) && open !== '';
  const isAnything = !filter.statuses?.length && rest.isEmpty;
  const walked = leases ? LEASES_AMONG : isAnything ? (limits.room ?? limits.walk) : limits.walk;
  const walk = `(select m.* from message m where ${here} ${open} order by ${by} limit ${walked}) m`;
  const sql = `${walk} where ${statusesWhere(filter)} and ${rest.sql}`;
  return { sql, values: [...after, ...rest.values], isBounded: !leases && !isAnything };
}

/** Each mailing has at most one message to a client, and an index that knows it. */
function lookUp(owners: Owners, to: readonly string[] | null, { filter, keyset, order }: MessagePage): Source {
  const rest = restOf(filter);
  const one = (mailing: string, client: string) =>
    `cross join lateral (select m.* from message m where m.mailing_id = ${mailing} and m.client_id = ${client} and m.kind = 'CAMPAIGN' limit 1) m`;
  const behind = keyset.after === null ? 'true' : MESSAGE_ORDERS[order].behind;
  const where = `${statusesWhere(filter)} and ${rest.sql} and ${behind}`;
  const values = [...rest.values, ...(keyset.after ?? [])];
  const clients = to === null ? [] : [textArray(to)];
  if (owners.owner === 'mailings') {
    return {
      sql: `unnest(?::bigint[]) c (id) ${one('w.id', 'c.id')} where ${where}`,
      values: [...clients, ...values],
      isBounded: false,
    };
  }
  const isMeant = to === null ? 'true' : 'w.id = any (?::bigint[])';
  const mailings = `mailing g ${one('g.id', 'w.id')}`;
  const sql = `${mailings} where g.deleted_at is null and g.launched_at is not null and ${isMeant} and ${where}`;
  return { sql, values: [...clients, ...values], isBounded: false };
}

/** The clients that a filter names, deleted ones too; null: it names none. */
export async function clientsOf(em: EntityManager, { clientId, phone }: MessageFilter): Promise<string[] | null> {
  if (phone == null) return clientId == null ? null : [clientId];
  const rows = await em.execute<{ id: string }[]>(
    `select id from client where phone = ? and deleted_at is null
     union all select id from client where phone = ? and deleted_at is not null`,
    [phone, phone],
  );
  const ids = rows.map(({ id }) => id);
  return clientId == null ? ids : ids.filter((id) => id === clientId);
}

/** For each mailing that has more than was looked at, the key of the last message that was. */
async function lookedUpTo(em: EntityManager, mailings: readonly string[], { keyset, order }: MessagePage) {
  const { by, behind } = MESSAGE_ORDERS[order];
  const open = order === MessageOrder.DUE ? `and m.status = 'OPEN'` : '';
  const ends = await em.execute<Picked[]>(
    `select m.mailing_id as "mailingId", m.id, ${DUE_MICROS} as due from unnest(?::bigint[]) w (id) cross join lateral (
       select m.* from message m where m.mailing_id = w.id and m.kind = 'CAMPAIGN' ${open} and ${keyset.after === null ? 'true' : behind}
       order by ${by} offset ${LOOK_AT - 1} limit 1) m`,
    [textArray(mailings), ...(keyset.after ?? [])],
  );
  return new Map(ends.map((end) => [end.mailingId, keyOf(order, end)]));
}

/**
 * How many messages of each mailing, or to each client, a filter means: exact where an index has it, else among the first
 * COUNT_AT in the order of the list.
 */
export async function countMessages(em: EntityManager, owners: Owners, filter: MessageFilter): Promise<number[]> {
  const { ids } = owners;
  const page = { filter, keyset: { first: 1, after: null }, order: orderOf(filter, null) };
  const { sql, values } = await sourceOf(em, owners, page, { room: null, walk: COUNT_AT });
  const rows = await em.execute<{ count: number }[]>(
    `select (select count(*)::int from ${sql}) as count from unnest(?::bigint[]) with ordinality w (id, n) order by w.n`,
    [...values, textArray(ids)],
  );
  return rows.map(({ count }) => count);
}
