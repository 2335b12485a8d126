import { isDeepStrictEqual } from 'node:util';
import { LockMode, raw } from '@mikro-orm/core';
import type { EntityManager } from '@mikro-orm/postgresql';
import type { By } from '../access/actor.js';
import { AppError } from '../errors.js';
import { notFound, parseId } from '../graphql/parse-input.js';
import { type KeyedCall, makeOnce } from '../platform/idempotency.js';
import { ringLanes } from './lanes.js';
import { type EditParts, EVENT_DETAILS } from './lifecycle-parts.js';
import type { MailingChanges, MailingFields, NewMailing } from './mailing.inputs.js';
import { Mailing, MailingStatus } from './mailing.js';
import type { MailingEventKind } from './mailing-event.js';
import { checkEditable, checkMailing, checkTimeLeft } from './mailing-rules.js';

/** Fields that decide when messages may go: a change of one makes a new plan. */
const PLANNED = [
  'startsAt',
  'endsAt',
  'allowedFrom',
  'allowedTo',
  'weekdays',
] as const satisfies (keyof MailingFields)[];
const isPlanned = (field: string) => (PLANNED as readonly string[]).includes(field);
const isOpen = ({ status }: Mailing) => status === MailingStatus.RUNNING || status === MailingStatus.PAUSED;

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
      const made = Object.assign(new Mailing(), fields, { status, traceparent: parts.traceparent?.() ?? null });
      await tx.persist(made).flush();
      await writeEvent(tx, made.id, 'CREATED', by, details);
      return made.id;
    });
    return { mailing: await tx.findOneOrFail(Mailing, { id }, { refresh: true }), isNew };
  });
  if (isNew) parts.log.info({ mailing_id: mailing.id, by: by.name }, 'mailing created');
  parts.bell.ring(mailing.id, mailing.version);
  await ringLaunch(parts, mailing);
  return mailing;
}

/**
 * Changes what is given and differs; what may be, says the mailing's status. A new end or window holds for everything that
 * is not claimed yet: the job `mailing.replan` gives the messages their new times.
 *
 * @throws AppError NOT_FOUND; CONFLICT on `revision`, or on a field that is frozen; BAD_USER_INPUT that names the field
 */
export async function updateMailing(parts: EditParts, id: string, changes: MailingChanges, by: By): Promise<Mailing> {
  const { revision, ...given } = changes;
  let edited: Edited = [];
  const mailing = await parts.em.transactional(async (tx) => {
    const current = await lockMailing(tx, id);
    if (revision !== undefined && revision !== current.revision) {
      throw new AppError('CONFLICT', `Somebody edited this mailing: its revision is ${current.revision}.`, 'revision');
    }
    edited = editedFields(current, given);
    if (edited.length === 0) return current;
    await checkEdit(tx, current, { ...fieldsOf(current), ...given }, edited, parts.timeoutMs);
    Object.assign(current, given, { revision: current.revision + 1, updatedAt: raw('clock_timestamp()') });
    if (edited.some(isPlanned)) planAnew(current);
    await tx.flush();
    await writeEvent(tx, current.id, 'EDITED', by, { edited });
    parts.log.info({ mailing_id: current.id, by: by.name, edited }, 'mailing edited');
    return await tx.refreshOrFail(current);
  });
  if (edited.length > 0) parts.bell.ring(mailing.id, mailing.version);
  await ringLaunch(parts, mailing);
  if (isOpen(mailing)) await ringEdited(parts, mailing, edited);
  return mailing;
}

type Edited = (keyof MailingFields)[];

/** Says what is wrong with an edit. @throws AppError */
async function checkEdit(
  tx: EntityManager,
  { status }: Mailing,
  next: MailingFields,
  edited: Edited,
  timeoutMs: EditParts['timeoutMs'],
): Promise<void> {
  checkEditable(status, edited);
  const timeout = timeoutMs(next.channel);
  if (edited.some((field) => field !== 'name')) checkMailing(next, timeout);
  const shortensTime = status === MailingStatus.SCHEDULED ? edited.some(isPlanned) : edited.includes('endsAt');
  if (shortensTime && status !== MailingStatus.DRAFT) checkTimeLeft(next, await databaseNow(tx), timeout);
}

/**
 * Moving the end of a COMPLETED mailing restarts nothing: it keeps its plan, so that what expired under that is not brought
 * back by chance when a person retries others. Before the launch there is no message to be planned anew.
 */
function planAnew(mailing: Mailing): void {
  if (mailing.status === MailingStatus.COMPLETED) return;
  mailing.plan += 1;
  if (isOpen(mailing)) mailing.replanCursor = '0';
}

async function ringEdited(parts: EditParts, { id, endsAt }: Mailing, edited: Edited): Promise<void> {
  if (edited.includes('rateLimit')) await ringLanes(parts.scheduler, id);
  if (!edited.some(isPlanned)) return;
  await parts.scheduler.ring('mailing.replan', { mailingId: id });
  await parts.scheduler.ring('mailing.finish', { mailingId: id }, endsAt);
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
export function editedFields(current: Mailing, given: Partial<MailingFields>): Edited {
  const before: Record<string, unknown> = { ...fieldsOf(current), filter: { ...current.filter } };
  return Object.entries(given)
    .filter(([field, value]) => !isDeepStrictEqual(before[field], value))
    .map(([field]) => field as keyof MailingFields);
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
