import type { By } from '../access/actor.js';
import { channelNames } from '../channel/channel.js';
import { AppError } from '../errors.js';
import { notFound, parseId } from '../graphql/parse-input.js';
import { mailingNews } from '../message/mailing-news.js';
import { tellOutside } from '../platform/outside-event.js';
import { ringLanes } from './lanes.js';
import { EVENT_DETAILS, type LifecycleParts } from './lifecycle-parts.js';
import type { MailingEventKind } from './mailing-event.js';
import { TOO_LATE } from './mailing-rules.js';

/** One way from status to status. SQL speaks of the mailing's row `m`, by the database's clock. */
interface Step {
  /** What can be done to a mailing, as in "it can be …". */
  verb: string;
  /** The statuses it can be done in. */
  from: readonly string[];
  event: `${MailingEventKind}`;
  set: string;
  /** What must hold besides the status; why it does not, and which field to mend. */
  where?: { sql: string; otherwise: string; field?: string };
  /** A statement that tells the outside, from the row as it is after the step. */
  tells?: string;
}

/** `$4` holds each channel's time-out. */
const TIME_LEFT = (from: string) => `m.ends_at > ${from} + ($4::jsonb ->> m.channel)::float8 * interval '1 ms'`;

/** The steps a person takes in the life of a mailing; launch, end and completion happen by themselves. */
const STEPS = {
  schedule: {
    verb: 'scheduled',
    from: ['DRAFT'],
    event: 'SCHEDULED',
    set: `status = 'SCHEDULED'`,
    where: { sql: TIME_LEFT('greatest(clock_timestamp(), m.starts_at)'), otherwise: TOO_LATE, field: 'endsAt' },
  },
  start: {
    verb: 'started',
    from: ['DRAFT', 'SCHEDULED'],
    event: 'STARTED',
    set: `status = 'SCHEDULED', starts_at = clock_timestamp(), plan = m.plan + 1, revision = m.revision + 1`,
    where: { sql: TIME_LEFT('clock_timestamp()'), otherwise: TOO_LATE, field: 'endsAt' },
  },
  pause: { verb: 'paused', from: ['RUNNING'], event: 'PAUSED', set: `status = 'PAUSED'` },
  resume: { verb: 'resumed', from: ['PAUSED'], event: 'RESUMED', set: `status = 'RUNNING'` },
  cancel: {
    verb: 'cancelled',
    from: ['DRAFT', 'SCHEDULED', 'RUNNING', 'PAUSED'],
    event: 'CANCELLED',
    set: `status = 'CANCELLED', finished_at = clock_timestamp()`,
    // What is open still has to be settled first, and its last batch tells (publish-changes.ts).
    tells: tellOutside('mailing.finished', { data: mailingNews('m'), from: 'm where m.open = 0' }),
  },
  // A scheduled one is cancelled along with it, so that nothing ever launches what nobody sees.
  delete: {
    verb: 'deleted',
    from: ['DRAFT', 'SCHEDULED', 'COMPLETED', 'CANCELLED'],
    event: 'DELETED',
    set: `deleted_at = clock_timestamp(), status = case m.status when 'SCHEDULED' then 'CANCELLED' else m.status end`,
    where: { sql: 'm.open = 0', otherwise: 'Some of its messages are still being cancelled: try again in a moment.' },
  },
} as const satisfies Record<string, Step>;

/** What a step came to. */
interface Stepped {
  version: string;
  startsAt: Date;
}

// All of these take the revision that they are meant for; left out: whichever there is.

/** DRAFT → SCHEDULED: it goes out by itself at its start. @throws AppError NOT_FOUND, CONFLICT */
export async function scheduleMailing(parts: LifecycleParts, id: string, by: By, revision?: number): Promise<void> {
  const { startsAt } = await take(parts, 'schedule', id, by, revision);
  await parts.scheduler.ring('mailing.launch', { mailingId: id }, startsAt);
}

/** DRAFT, SCHEDULED → its start is now; the launch job makes it RUNNING. @throws AppError NOT_FOUND, CONFLICT */
export async function startMailing(parts: LifecycleParts, id: string, by: By, revision?: number): Promise<void> {
  await take(parts, 'start', id, by, revision);
  await parts.scheduler.ring('mailing.launch', { mailingId: id });
}

/** RUNNING → PAUSED: nothing new is sent; what is under way ends. @throws AppError NOT_FOUND, CONFLICT */
export async function pauseMailing(parts: LifecycleParts, id: string, by: By, revision?: number): Promise<void> {
  await take(parts, 'pause', id, by, revision);
}

/** PAUSED → RUNNING. @throws AppError NOT_FOUND, CONFLICT */
export async function resumeMailing(parts: LifecycleParts, id: string, by: By, revision?: number): Promise<void> {
  await take(parts, 'resume', id, by, revision);
  await ringLanes(parts.scheduler, id);
}

/** All but COMPLETED → CANCELLED; its open messages are settled by a job. @throws AppError NOT_FOUND, CONFLICT */
export async function cancelMailing(parts: LifecycleParts, id: string, by: By, revision?: number): Promise<void> {
  await take(parts, 'cancel', id, by, revision);
  await parts.scheduler.ring('mailing.finish', { mailingId: id });
}

/**
 * Hides a mailing of which nothing is open, with its messages.
 *
 * @throws AppError NOT_FOUND, CONFLICT
 */
export async function deleteMailing(parts: LifecycleParts, id: string, by: By, revision?: number): Promise<void> {
  await take(parts, 'delete', id, by, revision);
}

/**
 * Takes one step: status, event, version and change row in one statement, and only if the status allows it. The event's
 * moment is read after the row was locked. What is claimed between that moment and the commit is started within half a
 * time-out, so it too arrives within the one time-out that a pause leaves to what is under way.
 */
async function take(
  parts: LifecycleParts,
  name: keyof typeof STEPS,
  id: string,
  by: By,
  revision: number | null = null,
): Promise<Stepped> {
  const mailingId = parseId(id, 'mailing');
  const step: Step = STEPS[name];
  const timeouts = Object.fromEntries(channelNames.map((channel) => [channel, parts.timeoutMs(channel)]));
  const { rows } = await parts.pool.query<Stepped>(
    `with m as (
       update mailing m set ${step.set}, version = m.version + 1, updated_at = clock_timestamp(),
         traceparent = coalesce($6, m.traceparent)
       where m.id = $1 and m.deleted_at is null and m.status = any ($2)
         and ${step.where?.sql ?? 'true'} and $4::jsonb is not null and ($5::int is null or m.revision = $5)
       returning *
     ), event_row as (
       insert into mailing_event (mailing_id, at, kind, by, details)
       select m.id, clock_timestamp(), '${step.event}', $3, ${EVENT_DETAILS} from m
     ), change_row as (
       insert into mailing_change (mailing_id, version, at, finished, message_ids, statuses)
       select m.id, m.version, clock_timestamp(), 0, '{}', '{}' from m
     )${step.tells ? `, told as (${step.tells})` : ''}
     select m.version, m.starts_at as "startsAt" from m`,
    [mailingId, step.from, by.name, JSON.stringify(timeouts), revision, parts.traceparent?.() ?? null],
  );
  const [stepped] = rows;
  if (stepped === undefined) throw await whyNot(parts, step, mailingId, revision);
  parts.bell.ring(mailingId, stepped.version);
  parts.log.info({ mailing_id: mailingId, by: by.name }, `mailing ${step.verb}`);
  return stepped;
}

/** Says why a step was refused, and what can be done instead. */
async function whyNot({ pool }: LifecycleParts, step: Step, id: string, revision: number | null): Promise<AppError> {
  const { rows } = await pool.query<{ status: string; revision: number }>(
    'select status, revision from mailing where id = $1 and deleted_at is null',
    [id],
  );
  const [found] = rows;
  if (found === undefined) return notFound('mailing');
  const { status } = found;
  if (revision !== null && revision !== found.revision) {
    return new AppError('CONFLICT', `Somebody edited this mailing: its revision is ${found.revision}.`, 'revision');
  }
  if (step.where && step.from.includes(status)) return new AppError('CONFLICT', step.where.otherwise, step.where.field);
  const possible = Object.values<Step>(STEPS)
    .filter(({ from }) => from.includes(status))
    .map(({ verb }) => verb);
  return new AppError('CONFLICT', `This mailing is ${status}: it can only be ${possible.join(' or ')}.`);
}
