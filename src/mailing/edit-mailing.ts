import { isDeepStrictEqual } from 'node:util';
import { LockMode, raw } from '@mikro-orm/core';
import type { EntityManager } from '@mikro-orm/postgresql';
import type { By } from '../access/actor.js';
import { AppError } from '../errors.js';
import { notFound, parseId } from '../graphql/parse-input.js';
import { type KeyedCall, makeOnce } from '../platform/idempotency.js';
import { type EditParts, EVENT_DETAILS } from './lifecycle-parts.js';
import type { MailingChanges, MailingFields, NewMailing } from './mailing.inputs.js';
import { Mailing, MailingStatus } from './mailing.js';
import type { MailingEventKind } from './mailing-event.js';
import { checkMailing, checkTimeLeft } from './mailing-rules.js';

/** Fields that decide when messages may go: a change of one makes a new plan. */
const PLANNED = [
  'startsAt',
  'endsAt',
  'allowedFrom',
  'allowedTo',
  'weekdays',
] as const satisfies (keyof MailingFields)[];
const isPlanned = (field: string) => (PLANNED as readonly string[]).includes(field);

/** How a mailing is made. */
export interface CreateOptions {
  /** Only written down. */
  draft?: boolean;
  /** Makes it once; null: the caller gave no key. */
  call?: KeyedCall | null;
}

/**
 * Makes a mailing: scheduled, so that it goes out by itself at its start, or a draft. One whose start has come is
 * launched as soon as the bell is heard.
 *
 * @throws AppError BAD_USER_INPUT that names the field; CONFLICT on `idempotencyKey`
 */
export async function createMailing(
  parts: EditParts,
  input: NewMailing,
  by: By,
  { draft = false, call = null }: CreateOptions = {},
): Promise<Mailing> {
  const status = draft ? MailingStatus.DRAFT : MailingStatus.SCHEDULED;
  return await makeMailing(parts, by, call, async (_tx, now) => ({
    fields: { ...input, startsAt: input.startsAt ?? now },
    status,
  }));
}

/** A mailing about to be made. */
export interface MailingToMake {
  fields: MailingFields;
  status: MailingStatus;
  /** More to write down in the event of its creation. */
  details?: Record<string, unknown>;
}

/**
 * @param plan what to make, worked out in the transaction that makes it, at `now` by the database's clock
 * @throws AppError as `createMailing` does; what `plan` throws
 */
export async function makeMailing(
  parts: EditParts,
  by: By,
  call: KeyedCall | null,
  plan: (tx: EntityManager, now: Date) => Promise<MailingToMake>,
): Promise<Mailing> {
  const { mailing, isNew } = await parts.em.transactional(async (tx) => {
    const { id, isNew } = await makeOnce(tx, call, async () => {
      const now = await databaseNow(tx);
      const { fields, status, details } = await plan(tx, now);
      const timeoutMs = parts.timeoutMs(fields.channel);
      checkMailing(fields, timeoutMs);
      if (status !== MailingStatus.DRAFT) checkTimeLeft(fields, now, timeoutMs);
      const made = Object.assign(new Mailing(), fields, { status });
      await tx.persist(made).flush();
      await writeEvent(tx, made.id, 'CREATED', by, details);
      return made.id;
    });
    return { mailing: await tx.findOneOrFail(Mailing, { id }, { refresh: true }), isNew };
  });
  if (isNew) parts.log.info({ mailing_id: mailing.id, by: by.name }, 'mailing created');
  await ringLaunch(parts, mailing);
  return mailing;
}

/**
 * Changes what is given and differs. A mailing that was launched keeps everything but its name: its messages were made
 * from the rest.
 *
 * @throws AppError NOT_FOUND; CONFLICT on `revision`, or on a field that is frozen; BAD_USER_INPUT that names the field
 */
export async function updateMailing(parts: EditParts, id: string, changes: MailingChanges, by: By): Promise<Mailing> {
  const { revision, ...given } = changes;
  const mailing = await parts.em.transactional(async (tx) => {
    const current = await lockMailing(tx, id);
    if (revision !== undefined && revision !== current.revision) {
      throw new AppError('CONFLICT', `Somebody edited this mailing: its revision is ${current.revision}.`, 'revision');
    }
    const edited = editedFields(current, given);
    if (edited.length === 0) return current;
    refuseFrozen(current.status, edited);
    const next = { ...fieldsOf(current), ...given };
    const timeoutMs = parts.timeoutMs(next.channel);
    if (edited.some((field) => field !== 'name')) checkMailing(next, timeoutMs);
    if (current.status === MailingStatus.SCHEDULED && edited.some(isPlanned)) {
      checkTimeLeft(next, await databaseNow(tx), timeoutMs);
    }
    Object.assign(current, given, { revision: current.revision + 1, updatedAt: raw('clock_timestamp()') });
    if (edited.some(isPlanned)) current.plan += 1;
    await tx.flush();
    await writeEvent(tx, current.id, 'EDITED', by, { edited });
    parts.log.info({ mailing_id: current.id, by: by.name, edited }, 'mailing edited');
    return await tx.refreshOrFail(current);
  });
  await ringLaunch(parts, mailing);
  return mailing;
}

/** The start may have been moved to an earlier moment; of two dates a bell keeps the earlier. */
async function ringLaunch(parts: EditParts, { id, status, startsAt }: Mailing): Promise<void> {
  if (status === MailingStatus.SCHEDULED) await parts.scheduler.ring('mailing.launch', { mailingId: id }, startsAt);
}

/** What a person decided about it. */
export function fieldsOf(mailing: Mailing): MailingFields {
  const { name, text, filter, startsAt, endsAt, allowedFrom, allowedTo, weekdays } = mailing;
  const { rateLimit, maxAttempts, unknownOutcome } = mailing;
  // Only a name that zod let through is ever written.
  const channel = mailing.channel as MailingFields['channel'];
  return {
    name,
    text,
    filter,
    startsAt,
    endsAt,
    allowedFrom,
    allowedTo,
    weekdays,
    rateLimit,
    maxAttempts,
    unknownOutcome,
    channel,
  };
}

/** Those that really change: a form sends back everything it was shown. */
function editedFields(current: Mailing, given: Partial<MailingFields>): string[] {
  const before: Record<string, unknown> = { ...fieldsOf(current), filter: { ...current.filter } };
  return Object.entries(given)
    .filter(([field, value]) => !isDeepStrictEqual(before[field], value))
    .map(([field]) => field);
}

function refuseFrozen(status: MailingStatus, edited: string[]): void {
  if (status === MailingStatus.DRAFT || status === MailingStatus.SCHEDULED) return;
  const frozen = edited.find((field) => field !== 'name');
  if (frozen === undefined) return;
  throw new AppError('CONFLICT', `This mailing is ${status}: only its name can be changed now.`, frozen);
}

async function lockMailing(tx: EntityManager, id: string): Promise<Mailing> {
  const mailing = await tx.findOne(
    Mailing,
    { id: parseId(id, 'mailing'), deletedAt: null },
    { lockMode: LockMode.PESSIMISTIC_WRITE, refresh: true },
  );
  if (mailing === null) throw notFound('mailing');
  return mailing;
}

async function databaseNow(tx: EntityManager): Promise<Date> {
  const [row] = await tx.execute<{ now: string }[]>('select clock_timestamp() as now');
  return new Date(row?.now ?? Number.NaN);
}

/** In the same transaction as the step. */
async function writeEvent(
  tx: EntityManager,
  id: string,
  kind: `${MailingEventKind}`,
  by: By,
  more: Record<string, unknown> = {},
): Promise<void> {
  await tx.execute(
    `insert into mailing_event (mailing_id, kind, by, details)
     select m.id, ?, ?, ${EVENT_DETAILS} || ?::jsonb from mailing m where m.id = ?`,
    [kind, by.name, JSON.stringify(more), id],
  );
}
