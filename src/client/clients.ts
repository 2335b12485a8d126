import { isDeepStrictEqual } from 'node:util';
import { LockMode, raw, UniqueConstraintViolationException } from '@mikro-orm/core';
import type { EntityManager } from '@mikro-orm/postgresql';
import type pg from 'pg';
import type { By } from '../access/actor.js';
import { AppError } from '../errors.js';
import { notFound, parseId } from '../graphql/parse-input.js';
import { microsOf } from '../platform/micros.js';
import { textArray } from '../platform/sql-arrays.js';
import { type ClientChanges, joinTags, type NewClient } from './client.inputs.js';
import { Client } from './client.js';
import { ClientEvent, type ClientEventKind } from './client-event.js';
import { carryOptOut, leaveOptOut } from './opt-outs.js';
import { operatorCodeOf } from './phone.js';

/** The database's clock, as a value to be written. */
const now = () => raw<Date>('clock_timestamp()');

/** What clocks show now, `HH:MM`, by the data that windows are planned with; null where the zone is not known. */
export async function localTimes(em: EntityManager, zones: readonly string[]): Promise<(string | null)[]> {
  const rows = await em.execute<{ time: string | null }[]>(
    `select case when zone_is_known(z.name) then to_char(clock_timestamp() at time zone z.name, 'HH24:MI') end as time
     from unnest(?::text[]) with ordinality as z(name, at) order by z.at`,
    [textArray(zones)],
  );
  return rows.map(({ time }) => time);
}

/**
 * An opt-out that was left with the phone holds for the new client, unless `optedOut` is false.
 *
 * @throws AppError CONFLICT on `phone` when another client has it
 */
export async function createClient(em: EntityManager, input: NewClient, by: By): Promise<Client> {
  const { optedOut, ...fields } = input;
  return await whilePhoneIsFree(() =>
    em.transactional(async (tx) => {
      const client = Object.assign(new Client(), fields);
      if (optedOut) client.optedOutAt = now();
      await tx.persist(client).flush();
      if (optedOut) record(tx, client, 'OPTED_OUT', by);
      await carryOptOut(tx, client.phone, optedOut, by);
      return await saved(tx, client);
    }),
  );
}

/**
 * Changes what is given and differs. Whatever decides when messages may reach the client is written down in the same transaction.
 * Of an opt-out and a new phone: the client keeps its own, leaves it with the old phone too, and finds the one left with the new.
 *
 * @throws AppError NOT_FOUND; CONFLICT on `revision` when there is a newer one, on `phone` when another client has it;
 *   BAD_USER_INPUT on `tag` when the client has too many
 */
export async function updateClient(em: EntityManager, id: string, changes: ClientChanges, by: By): Promise<Client> {
  const { optedOut, revision } = changes;
  return await whilePhoneIsFree(() =>
    em.transactional(async (tx) => {
      const client = await lockClient(tx, id);
      checkRevision(client, revision);
      const fields = changedFields(client, changes);
      if (isSame(client, fields, optedOut)) return client;
      if (fields.timeZone !== undefined && fields.timeZone !== client.timeZone) {
        record(tx, client, 'TIME_ZONE_CHANGED', by, { from: client.timeZone, to: fields.timeZone });
      }
      if (optedOut === true && client.optedOutAt === null) {
        record(tx, client, 'OPTED_OUT', by);
        client.optedOutAt = now();
      }
      if (optedOut === false && client.optedOutAt !== null) {
        record(tx, client, 'OPTED_IN', by);
        client.optedOutAt = null;
      }
      const { phone: oldPhone } = client;
      Object.assign(client, fields, { updatedAt: now() });
      await tx.flush();
      if (client.phone !== oldPhone) {
        await leaveOptOut(tx, client.id, oldPhone, by);
        await carryOptOut(tx, client.phone, optedOut, by);
      }
      return await saved(tx, client);
    }),
  );
}

/**
 * Hides a client: it is in no list and no audience any more, and its phone is free. Its messages stay.
 *
 * @param revision the one that is to be deleted; left out: whichever there is
 * @throws AppError NOT_FOUND, also when it was deleted before; CONFLICT on `revision` when there is a newer one
 */
export async function deleteClient(em: EntityManager, id: string, by: By, revision?: number): Promise<Client> {
  return await em.transactional(async (tx) => {
    const client = await lockClient(tx, id);
    checkRevision(client, revision);
    client.deletedAt = now();
    client.updatedAt = now();
    record(tx, client, 'DELETED', by);
    return await saved(tx, client);
  });
}

/**
 * Takes back that a client was deleted; one that is not is answered as it is. It keeps its opt-out, and finds the one that was left
 * with its phone meanwhile. A row that only remembers an opt-out (opt-outs.ts) was never deleted, and never comes back.
 *
 * @throws AppError NOT_FOUND; CONFLICT on `phone` when another client has it by now
 */
export async function restoreClient(em: EntityManager, id: string, by: By): Promise<Client> {
  return await whilePhoneIsFree(() =>
    em.transactional(async (tx) => {
      const client = await lockClient(tx, id, { erasedAt: null });
      if (client.deletedAt === null) return client;
      if ((await tx.count(ClientEvent, { clientId: client.id, kind: 'DELETED' })) === 0) throw notFound('client');
      const later = { phone: client.phone, deletedAt: { $gt: client.deletedAt }, id: { $ne: client.id } };
      Object.assign(client, { deletedAt: null, updatedAt: now() });
      record(tx, client, 'RESTORED', by);
      await tx.flush();
      // Only now: the index of phones has waited for whoever was leaving an opt-out with this one.
      const hadHeirs = (await tx.count(Client, later)) > 0;
      // What was left with the phone before this client had it was for this one to find, and it may have been taken back since.
      if (hadHeirs) await carryOptOut(tx, client.phone, undefined, by);
      return await saved(tx, client);
    }),
  );
}

/** All of a client, as its entity has it. */
const FIND = `
  select id, phone, operator_code as "operatorCode", tags, time_zone as "timeZone", attributes, opted_out_at as "optedOutAt",
    created_at as "createdAt", updated_at as "updatedAt", ${microsOf('updated_at')} as "updatedAtMicros",
    deleted_at as "deletedAt", erased_at as "erasedAt", revision
  from client where id = $1`;

/**
 * One client, to be shown. Nothing is asked for more often: a prepared statement takes a third of what the ORM takes to make
 * one anew, and to have it planned.
 *
 * @throws AppError NOT_FOUND on `field` when there is none, or it was deleted; of one that was erased it says so
 */
export async function findClient(pool: Pick<pg.Pool, 'query'>, givenId: string, field = 'id'): Promise<Client> {
  const id = parseId(givenId, 'client', field);
  const { rows } = await pool.query<Client>({ name: 'client', text: FIND, values: [id] });
  const [found] = rows;
  if (found?.deletedAt === null) return found;
  const erasedOn = found?.erasedAt?.toISOString().slice(0, 10);
  if (erasedOn === undefined) throw notFound('client', field);
  throw new AppError('NOT_FOUND', `The personal data of this client was erased on ${erasedOn}.`, field);
}

/** @throws AppError BAD_USER_INPUT on `tag` when the client has too many */
function changedFields(client: Client, changes: ClientChanges): Partial<Client> {
  const { optedOut: _, revision: __, tag, operatorCode, ...fields } = changes;
  return {
    ...fields,
    ...(tag === undefined ? {} : { tags: joinTags(client.tags, tag) }),
    ...(operatorCode === undefined
      ? {}
      : { operatorCode: operatorCode ?? operatorCodeOf(fields.phone ?? client.phone) }),
  };
}

/** A form sends back everything it was shown: that is no change. */
function isSame(client: Client, fields: Partial<Client>, optedOut: boolean | undefined): boolean {
  const sameWish = optedOut === undefined || optedOut === (client.optedOutAt !== null);
  return (
    sameWish &&
    Object.entries(fields).every(([field, value]) => isDeepStrictEqual(client[field as keyof Client], value))
  );
}

function checkRevision(client: Client, wanted: number | undefined): void {
  if (wanted === undefined || wanted === client.revision) return;
  throw new AppError('CONFLICT', `Somebody changed this client: its revision is ${client.revision}.`, 'revision');
}

async function lockClient(tx: EntityManager, id: string, where: object = { deletedAt: null }): Promise<Client> {
  const client = await tx.findOne(
    Client,
    { id: parseId(id, 'client'), ...where },
    { lockMode: LockMode.PESSIMISTIC_WRITE, refresh: true },
  );
  if (client === null) throw notFound('client');
  return client;
}

function record(tx: EntityManager, client: Client, kind: ClientEventKind, by: By, details = {}): void {
  tx.persist(Object.assign(new ClientEvent(), { clientId: client.id, kind, by: by.name, details }));
}

/** Writes what changed and reads what the database's clock made of it. */
async function saved(tx: EntityManager, client: Client): Promise<Client> {
  await tx.flush();
  return await tx.refreshOrFail(client);
}

async function whilePhoneIsFree<T>(work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    if (!(error instanceof UniqueConstraintViolationException)) throw error;
    throw new AppError('CONFLICT', 'Another client already has this phone.', 'phone');
  }
}
