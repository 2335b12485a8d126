import { GraphQLSafeInt } from 'graphql-scalars';
import type pg from 'pg';
import { Field, Float, ObjectType } from 'type-graphql';
import { DateTime } from '../graphql/scalars.js';
import { MailingStatus } from './mailing.js';
import { type OpenSample, splitOpen } from './open-sample.js';
import { StatusCounts } from './status-counts.js';

/** A mailing's counts. Exact in `total`, `open` and every final status; `open` is split by what was sampled at `asOf`. */
@ObjectType({
  description:
    'How far a mailing is. `total = open + sent + failed + expired + cancelled + unknown` and `open = enqueued + delayed + sending` hold in every answer.',
  simpleResolvers: true,
})
export class Progress extends StatusCounts {
  @Field(() => MailingStatus, { description: 'Where the mailing stands.' })
  status!: MailingStatus;

  @Field(() => GraphQLSafeInt, { description: 'Open and due; wait for a worker. A sample, see `asOf`.' })
  enqueued!: number;

  @Field(() => GraphQLSafeInt, {
    description: "Open, and wait for the client's window or the next attempt. A sample, see `asOf`.",
  })
  delayed!: number;

  @Field(() => GraphQLSafeInt, { description: 'In the hands of a worker. A sample, see `asOf`.' })
  sending!: number;

  @Field(() => Float, { description: 'Messages a second that got a final status, over the last ten seconds.' })
  ratePerSecond!: number;

  @Field(() => DateTime, {
    nullable: true,
    description: 'When the last message is expected to be done, never after `endsAt`; null: nothing tells.',
  })
  eta!: Date | null;

  @Field(() => String, {
    description: 'Grows by one with each batch of changes: where messageStatusChanged would go on from.',
  })
  version!: string;

  @Field(() => DateTime, { description: 'When `enqueued`, `delayed` and `sending` were sampled.' })
  asOf!: Date;

  /** When the counts were read, by the database's clock: tells which of two is newer. */
  readAt!: Date;
}

/** What of a mailing's row its progress is made of; an entity will do. */
export interface Counts extends StatusCounts {
  status: MailingStatus;
  version: string;
  endsAt: Date;
  launchedAt: Date | null;
  finishedAt: Date | null;
}

/** Over how long the rate is taken, seconds. */
export const RATE_WINDOW = 10;
/** Versions looked at for it, at the most: a bound for a mailing that writes very many small batches. */
const RATE_VERSIONS = 2_000;

/**
 * Mailings' rows, their rates, and the time. The rate's range of versions is the primary key's, and none is read of a
 * mailing that was not launched. A mailing that has run for two seconds is measured over two.
 */
const READ_COUNTS = `
  select g.id, g.status, g.version, g.ends_at as "endsAt", g.launched_at as "launchedAt", g.finished_at as "finishedAt",
    g.total, g.open, g.sent, g.failed, g.expired, g.cancelled, g.unknown, now.at as "readAt",
    coalesce(finished / greatest(1, least(${RATE_WINDOW}, extract(epoch from now.at - g.launched_at))), 0)::float8 as rate
  from mailing g
  cross join (select clock_timestamp() as at) now
  left join lateral (
    select sum(c.finished) as finished from mailing_change c
    where g.launched_at is not null and c.mailing_id = g.id and c.version > g.version - ${RATE_VERSIONS}
      and c.at > now.at - interval '${RATE_WINDOW} s'
  ) recent on true
  where g.id = any($1) and g.deleted_at is null`;

export interface CountsAndRate extends Counts {
  readAt: Date;
  rate: number;
}

/** In the order of the ids; null: no such mailing, or it was deleted. */
export async function readCounts(pool: pg.Pool, mailingIds: readonly string[]): Promise<(CountsAndRate | null)[]> {
  const { rows } = await pool.query<CountsAndRate & { id: string }>({
    name: 'progress',
    text: READ_COUNTS,
    values: [mailingIds],
  });
  const byId = new Map(rows.map((row) => [row.id, row]));
  return mailingIds.map((id) => byId.get(id) ?? null);
}

/** @param sample null where nothing is open */
export function toProgress(counts: CountsAndRate, sample: OpenSample | null): Progress {
  const { status, version, total, open, sent, failed, expired, cancelled, unknown, readAt } = counts;
  const ratePerSecond = Math.round(counts.rate * 10) / 10;
  const exact = { status, version, total, open, sent, failed, expired, cancelled, unknown, readAt };
  const split = splitOpen(open, sample);
  const eta = estimateEnd(counts, sample);
  return Object.assign(new Progress(), exact, split, { ratePerSecond, eta, asOf: sample?.at ?? readAt });
}

/** What is due goes at the rate of the last seconds; what waits for a window or an attempt takes until the last is due. */
function estimateEnd({ status, open, rate, readAt, endsAt }: CountsAndRate, sample: OpenSample | null): Date | null {
  if (status !== MailingStatus.RUNNING || open === 0) return null;
  const delayed = sample?.delayed ?? 0;
  const lastDue = sample?.lastDueAt?.getTime() ?? 0;
  if (rate === 0 && delayed < open) return null;
  const drained = rate === 0 ? 0 : readAt.getTime() + (open / rate) * 1_000;
  return new Date(Math.min(endsAt.getTime(), Math.max(drained, lastDue)));
}
