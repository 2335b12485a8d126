import { raw } from '@mikro-orm/core';
import type { EntityManager } from '@mikro-orm/postgresql';
import type { Keyset } from '../graphql/connection.js';
import { MAX_BIGINT } from '../graphql/parse-input.js';
import { textArray } from '../platform/sql-arrays.js';
import { ClientEvent } from './client-event.js';

/** The part of a client's history that is wanted. */
export interface ClientPage {
  readonly clientId: string;
  readonly keyset: Keyset;
}

/** For each page its events, the newest first, up to `first + 1`: one statement for all clients. */
export async function listClientEvents(em: EntityManager, pages: readonly ClientPage[]): Promise<ClientEvent[][]> {
  const clients = pages.map(({ clientId }) => clientId);
  const before = pages.map(({ keyset }) => keyset.after?.[0] ?? String(MAX_BIGINT));
  const rooms = pages.map(({ keyset }) => keyset.first + 1);
  const ids = raw<string>(
    `any (array (select e.id from unnest(?::bigint[], ?::bigint[], ?::int[]) as w (client_id, before, room)
       cross join lateral (
         select id from client_event where client_id = w.client_id and id < w.before order by id desc limit w.room
       ) e))`,
    [textArray(clients), textArray(before), textArray(rooms.map(String))],
  );
  const events = await em.find(ClientEvent, { id: ids }, { orderBy: { id: 'desc' }, disableIdentityMap: true });
  return pages.map((_, at) =>
    events
      .filter(({ clientId, id }) => clientId === clients[at] && BigInt(id) < BigInt(before[at]!))
      .slice(0, rooms[at]),
  );
}

/** How many events each client has. */
export async function countClientEvents(em: EntityManager, clientIds: readonly string[]): Promise<number[]> {
  const rows = await em.execute<{ count: number }[]>(
    `select (select count(*)::int from client_event where client_id = w.id) as count
     from unnest(?::bigint[]) with ordinality w (id, n) order by w.n`,
    [textArray(clientIds)],
  );
  return rows.map(({ count }) => count);
}
