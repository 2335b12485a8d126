import type { EntityManager } from '@mikro-orm/postgresql';
import type { Keyset, Listed } from '../graphql/connection.js';
import { Conditions } from '../platform/conditions.js';
import { textArray } from '../platform/sql-arrays.js';
import {
  COUNT_AT,
  clientsOf,
  countMessages,
  DUE_MICROS,
  LOOK_AT,
  listMessages,
  load,
  MESSAGE_ORDERS,
  MessageOrder,
  type MessagePage,
  type MessageRows,
  type Owners,
  type Picked,
} from './list-messages.js';
import { type Message, MessageStatus } from './message.js';
import {
  asksOnlyForStatuses,
  isOnly,
  type MessageFilter,
  NOT_SENT,
  NOT_SENT_SQL,
  OPEN_STATUSES,
  restOf,
  statusesWhere,
} from './message-filter.js';

/** Blocks of ids looked into for one page: with an index of those not sent many, else as many as hold LOOK_AT messages. */
const MAX_BLOCKS = 500;
/** How many more blocks are looked into at once than the time before. */
const GROWTH = 4;

/** A block of message ids: all its messages are of one mailing. */
interface Block {
  first: string;
  last: string;
  mailingId: string;
}

/**
 * A page of the messages of all mailings that are not deleted. Ids are given out in blocks, newer messages have higher ones,
 * and a block names its mailing: so the newest are found block by block, by the mailing's own index.
 */
export async function listAllMessages(em: EntityManager, page: MessagePage): Promise<MessageRows> {
  const owners = await ownersOf(em, page.filter);
  if (owners !== null) return merge(await listMessages(em, owners, page), page);
  const room = page.keyset.first + 1;
  const { blocks, isAll } = await blocksFor(em, page.filter, page, LOOK_AT);
  const rows: Listed<Message>[] = [];
  for (let at = 0, take = blocksOfAtLeast(blocks, room); at < blocks.length && rows.length < room; take *= GROWTH) {
    rows.push(...(await pickFrom(em, blocks.slice(at, at + take), page, room - rows.length)));
    at += take;
  }
  const last = blocks.at(-1);
  if (rows.length >= room || isAll || last === undefined) return { rows, goOn: null };
  return { rows, goOn: [page.order === MessageOrder.OLDEST ? last.last : last.first] };
}

/** How many there are in all: see the description of `messages`. */
export async function countAllMessages(em: EntityManager, filter: MessageFilter): Promise<number> {
  const counted = asksOnlyForStatuses(filter) && filter.mailingId == null ? countedBy(filter) : null;
  if (counted !== null) {
    const [row] = await em.execute<{ count: number }[]>(
      `select coalesce(sum(${counted}), 0)::float8 as count from mailing g where g.deleted_at is null`,
    );
    return row?.count ?? 0;
  }
  const owners = await ownersOf(em, filter);
  if (owners !== null) return (await countMessages(em, owners, filter)).reduce((sum, count) => sum + count, 0);
  const { blocks } = await blocksFor(em, filter, null, COUNT_AT);
  const rest = restOf(filter);
  const [row] = await em.execute<{ count: number }[]>(
    `select count(*)::int as count from ${BLOCKS} join message m on ${IN_BLOCK} and ${statusesWhere(filter)} and ${rest.sql}`,
    [...arraysOf(blocks), ...rest.values],
  );
  return row?.count ?? 0;
}

/** Whom a filter names; null: nobody. */
async function ownersOf(em: EntityManager, filter: MessageFilter): Promise<Owners | null> {
  if (filter.mailingId != null) {
    const found = await em.execute<{ id: string }[]>(
      'select id from mailing where id = ?::bigint and deleted_at is null',
      [filter.mailingId],
    );
    return { owner: 'mailings', ids: found.map(({ id }) => id) };
  }
  const clients = await clientsOf(em, filter);
  return clients === null ? null : { owner: 'clients', ids: clients };
}

function merge(lists: readonly MessageRows[], { keyset, order }: MessagePage): MessageRows {
  const direction = order === MessageOrder.OLDEST ? 1 : -1;
  const rows = lists.flatMap((list) => list.rows);
  if (lists.length > 1) {
    rows.sort((a, b) => direction * Number(BigInt(a.row.id) - BigInt(b.row.id)));
  }
  return { rows: rows.slice(0, keyset.first + 1), goOn: lists.length === 1 ? (lists[0]?.goOn ?? null) : null };
}

const COLUMNS = {
  [MessageStatus.SENT]: 'g.sent',
  [MessageStatus.FAILED]: 'g.failed',
  [MessageStatus.EXPIRED]: 'g.expired',
  [MessageStatus.CANCELLED]: 'g.cancelled',
  [MessageStatus.UNKNOWN]: 'g.unknown',
} as const;

/** What of a mailing's row counts these statuses, `open` for any of the open ones. */
function countersOf({ statuses }: MessageFilter): string {
  if (!statuses?.length) return 'g.total';
  const columns = statuses.map((status) => (status in COLUMNS ? COLUMNS[status as keyof typeof COLUMNS] : 'g.open'));
  return [...new Set(columns)].join(' + ');
}

/** The same where it is exact; null: it is not. */
function countedBy(filter: MessageFilter): string | null {
  const open = OPEN_STATUSES.filter((status) => filter.statuses?.includes(status)).length;
  return open === 0 || open === OPEN_STATUSES.length ? countersOf(filter) : null;
}

/** The blocks that can have messages of a page, in the order of the list, as many as hold that many messages. */
async function blocksFor(em: EntityManager, filter: MessageFilter, page: MessagePage | null, messages: number) {
  const oldest = page?.order === MessageOrder.OLDEST;
  const { sql, values } = mailingsWhere(filter, page?.keyset ?? null, oldest);
  const found = await em.execute<Block[]>(
    `select r.first, r.last, r.mailing_id as "mailingId" from message_range r join mailing g on g.id = r.mailing_id
     where r.kind = 'CAMPAIGN' and g.deleted_at is null and ${sql} order by r.first ${oldest ? '' : 'desc'} limit ${MAX_BLOCKS}`,
    values,
  );
  const isIndexed = isOnly(filter, NOT_SENT) && restOf(filter).isEmpty;
  const enough = isIndexed ? found.length : Math.max(blocksOfAtLeast(found, messages), 1);
  return { blocks: found.slice(0, enough), isAll: enough >= found.length && found.length < MAX_BLOCKS };
}

/** Mailings lived at that time, and have something of these statuses; blocks come behind the key. */
function mailingsWhere(filter: MessageFilter, keyset: Keyset | null, oldest: boolean): Conditions {
  const conditions = new Conditions();
  const { createdAt, sentAt } = filter;
  if (keyset?.after) conditions.add(oldest ? 'r.last > ?::bigint' : 'r.first < ?::bigint', keyset.after[0] as string);
  if (filter.statuses?.length) conditions.add(`${countersOf(filter)} > 0`);
  for (const { to } of [createdAt ?? {}, sentAt ?? {}]) conditions.addRange('g.launched_at', { to });
  if (createdAt?.from) conditions.addRange(`coalesce(g.launch_completed_at, 'infinity')`, { from: createdAt.from });
  // What was in hand when a mailing was over is accepted within one time-out.
  if (sentAt?.from)
    conditions.addRange(`coalesce(g.finished_at + interval '1 day', 'infinity')`, { from: sentAt.from });
  return conditions;
}

function blocksOfAtLeast(blocks: readonly Block[], messages: number): number {
  let sum = 0;
  const enough = blocks.findIndex(({ first, last }) => {
    sum += Number(BigInt(last) - BigInt(first)) + 1;
    return sum >= messages;
  });
  return enough < 0 ? blocks.length : enough + 1;
}

const BLOCKS = 'unnest(?::bigint[], ?::bigint[], ?::bigint[]) b (mailing_id, first, last)';
const IN_BLOCK = `m.mailing_id = b.mailing_id and m.id between b.first and b.last and m.kind = 'CAMPAIGN'`;

function arraysOf(blocks: readonly Block[]): string[] {
  return [
    blocks.map(({ mailingId }) => mailingId),
    blocks.map(({ first }) => first),
    blocks.map(({ last }) => last),
  ].map((column) => textArray(column));
}

async function pickFrom(
  em: EntityManager,
  blocks: readonly Block[],
  page: MessagePage,
  room: number,
): Promise<Listed<Message>[]> {
  const { filter, keyset, order } = page;
  const { by, behind } = MESSAGE_ORDERS[order];
  const rest = restOf(filter);
  const after = keyset.after === null ? 'true' : behind;
  const notSent = isOnly(filter, NOT_SENT) ? `m.status in (${NOT_SENT_SQL})` : 'true';
  const picked = await em.execute<Picked[]>(
    `select 1 as n, m.mailing_id as "mailingId", m.id, ${DUE_MICROS} as due from ${BLOCKS} cross join lateral (
       select m.* from message m where ${IN_BLOCK} and ${after} and ${notSent} and ${statusesWhere(filter)} and ${rest.sql}
       order by ${by} limit ${room}) m
     order by ${by} limit ${room}`,
    [...arraysOf(blocks), ...(keyset.after ?? []), ...rest.values],
  );
  return await load(em, picked, order);
}
