import { raw } from '@mikro-orm/core';
import type { EntityManager } from '@mikro-orm/postgresql';
import type { Keyset } from '../graphql/connection.js';
import { textArray } from '../platform/sql-arrays.js';
import { MailingEvent } from './mailing-event.js';

/** The part of a list of one mailing that is wanted. */
export interface MailingPage {
  readonly mailingId: string;
  readonly keyset: Keyset;
}

/** For each page its events, the oldest first, up to `first + 1`: one statement for all mailings. */
export async function listEvents(em: EntityManager, pages: readonly MailingPage[]): Promise<MailingEvent[][]> {
  const wanted = pages.map(({ mailingId, keyset }) => ({
    mailingId,
    after: keyset.after?.[0] ?? '0',
    room: keyset.first + 1,
  }));
  const picked = raw<string>(
    `any (array (select e.id from unnest(?::bigint[], ?::bigint[], ?::int[]) as w (mailing_id, after, room)
       cross join lateral (
         select id from mailing_event where mailing_id = w.mailing_id and id > w.after order by id limit w.room
       ) e))`,
    [
      textArray(wanted.map(({ mailingId }) => mailingId)),
      textArray(wanted.map(({ after }) => after)),
      textArray(wanted.map(({ room }) => String(room))),
    ],
  );
  const events = await em.find(MailingEvent, { id: picked }, { orderBy: { id: 'asc' }, disableIdentityMap: true });
  const byMailing = Map.groupBy(events, ({ mailingId }) => mailingId);
  return wanted.map(({ mailingId, after, room }) =>
    (byMailing.get(mailingId) ?? []).filter(({ id }) => BigInt(id) > BigInt(after)).slice(0, room),
  );
}

/** How many events each mailing has. */
export async function countEvents(em: EntityManager, mailingIds: readonly string[]): Promise<number[]> {
  const rows = await em.execute<{ mailingId: string; count: number }[]>(
    `select mailing_id::text as "mailingId", count(*)::int as count from mailing_event
     where mailing_id = any (?::bigint[]) group by mailing_id`,
    [textArray(mailingIds)],
  );
  const byMailing = new Map(rows.map(({ mailingId, count }) => [mailingId, count]));
  return mailingIds.map((id) => byMailing.get(id) ?? 0);
}
