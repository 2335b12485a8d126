import type { EntityManager } from '@mikro-orm/postgresql';
import type pg from 'pg';
import type { By } from '../access/actor.js';
import { numbered } from '../platform/conditions.js';
import { textArray } from '../platform/sql-arrays.js';

/**
 * An opt-out belongs to the phone, and outlives the client (ADR 0021). The client that had a phone last keeps it as a deleted row:
 * `left_behind` are those of the given phones whose row was opted out. Of
 * one whose data was erased only a keyed hash of the phone is left (ADR 0031); hashes are worked out, some 15 µs each, where there are any.
 */
const LEFT_BEHIND = `
  left_behind as materialized (
    select p.phone, d.id, d.opted_out_at from unnest(?::text[]) as p (phone) cross join lateral (
      (select id, opted_out_at, deleted_at as at from client
       where phone = p.phone and deleted_at is not null and erased_at is null order by deleted_at desc, id desc limit 1)
      union all select null, opted_out_at, erased_at from erased_phone
      where (select true from erased_phone limit 1) and hash = erased_phone_hash(p.phone)
      order by at desc limit 1) d
    where d.opted_out_at is not null
  )`;

const COUNT = `with ${LEFT_BEHIND} select count(*)::int as n from left_behind`;

/** The date stays that of the person's word; the event has the moment from which on it holds for this client. */
const CARRY = `
  with ${LEFT_BEHIND}, heirs as materialized (
    select c.id, l.id as former, l.opted_out_at, ?::boolean as is_taken_back
    from left_behind l join client c on c.phone = l.phone and c.deleted_at is null and c.opted_out_at is null
  ), carried as (
    update client c set opted_out_at = h.opted_out_at from heirs h where c.id = h.id and not h.is_taken_back
  ), noted as (
    insert into client_event (client_id, kind, by, details)
    select id, case when is_taken_back then 'OPTED_IN' else 'OPTED_OUT' end, ?,
      jsonb_build_object('formerClientId', former::text, 'since', opted_out_at)
    from heirs
  )
  select count(*)::int as n from heirs`;

/** As if a client with that phone had been deleted: whoever gets the phone next finds the opt-out. */
const LEAVE = `
  with gone as (
    insert into client (phone, operator_code, time_zone, opted_out_at, deleted_at)
    select ?, substr(?, 2, 3), time_zone, opted_out_at, clock_timestamp() from client where id = ? and opted_out_at is not null
    returning id, opted_out_at
  )
  insert into client_event (client_id, kind, by, details)
  select id, 'OPTED_OUT', ?, jsonb_build_object('formerClientId', ?::text, 'since', opted_out_at) from gone`;

/**
 * Has the client that got this phone just now, in this transaction, find the opt-out that was left with it. Only then: the index of
 * phones has waited by now for whoever was deleting the former one.
 *
 * @param optedOut as it was asked for; false: the opt-out is taken back, and that is written down
 */
export async function carryOptOut(
  tx: EntityManager,
  phone: string,
  optedOut: boolean | undefined,
  by: By,
): Promise<void> {
  await tx.execute(CARRY, [textArray([phone]), optedOut === false, by.name]);
}

/** The same for clients that an import made in this transaction. @returns how many opt-outs there were */
export async function carryOptOuts(client: pg.ClientBase, phones: readonly string[], by: By): Promise<number> {
  return await countOf(client, CARRY, [textArray(phones), 'false', by.name]);
}

/** How many of these phones have an opt-out that a new client would find. */
export async function countOptOuts(client: pg.ClientBase, phones: readonly string[]): Promise<number> {
  return await countOf(client, COUNT, [textArray(phones)]);
}

/** Whether a phone that no client has was left with an opt-out. */
export async function isOptedOut(em: EntityManager, phone: string): Promise<boolean> {
  const [row] = await em.execute<{ n: number }[]>(COUNT, [textArray([phone])]);
  return row!.n > 0;
}

/** Leaves the opt-out of a client, if there is one, with the phone it had until now as well. */
export async function leaveOptOut(tx: EntityManager, clientId: string, oldPhone: string, by: By): Promise<void> {
  await tx.execute(LEAVE, [oldPhone, oldPhone, clientId, by.name, clientId]);
}

async function countOf(client: pg.ClientBase, sql: string, values: string[]): Promise<number> {
  const statement = numbered({ sql, values });
  const { rows } = await client.query<{ n: number }>(statement.sql, statement.values);
  return rows[0]!.n;
}
