import { raw } from '@mikro-orm/core';
import type { EntityManager } from '@mikro-orm/postgresql';
import { MAX_BIGINT } from '../graphql/parse-input.js';
import { Message } from '../message/message.js';
import { textArray } from '../platform/sql-arrays.js';
import type { MailingPage } from './mailing-events.js';

/**
 * For each page the test sends of its mailing, newest first, up to `first + 1`: one statement for all mailings. They are found by
 * the blocks of ids that they are from, so that nobody walks over a mailing's other messages.
 */
export async function listTestSends(em: EntityManager, pages: readonly MailingPage[]): Promise<Message[][]> {
  const wanted = pages.map(({ mailingId, keyset }) => ({
    mailingId,
    before: keyset.after?.[0] ?? String(MAX_BIGINT),
    room: keyset.first + 1,
  }));
  const ids = wanted.map(({ mailingId }) => mailingId);
  const picked = raw<string>(
    `any (array (select t.id from unnest(?::bigint[], ?::bigint[], ?::int[]) as w (mailing_id, before, room)
       join message_range r on r.mailing_id = w.mailing_id and r.kind = 'TEST'
       cross join lateral (
         select id from message m where m.mailing_id = r.mailing_id and m.id between r.first and r.last and m.id < w.before
         order by m.id desc limit w.room
       ) t))`,
    [textArray(ids), textArray(wanted.map(({ before }) => before)), textArray(wanted.map(({ room }) => String(room)))],
  );
  const order = { orderBy: { id: 'desc' }, disableIdentityMap: true } as const;
  const sends = await em.find(Message, { mailingId: { $in: ids }, id: picked }, order);
  const byMailing = Map.groupBy(sends, ({ mailingId }) => mailingId);
  return wanted.map(({ mailingId, before, room }) =>
    (byMailing.get(mailingId) ?? []).filter(({ id }) => BigInt(id) < BigInt(before)).slice(0, room),
  );
}

/** How many test sends each mailing has. */
export async function countTestSends(em: EntityManager, mailingIds: readonly string[]): Promise<number[]> {
  const rows = await em.execute<{ mailingId: string; count: number }[]>(
    `select r.mailing_id::text as "mailingId", sum(t.count)::int as count from message_range r cross join lateral (
       select count(*) from message m where m.mailing_id = r.mailing_id and m.id between r.first and r.last
     ) t where r.kind = 'TEST' and r.mailing_id = any (?::bigint[]) group by r.mailing_id`,
    [textArray(mailingIds)],
  );
  const byMailing = new Map(rows.map(({ mailingId, count }) => [mailingId, count]));
  return mailingIds.map((id) => byMailing.get(id) ?? 0);
}
