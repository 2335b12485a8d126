import { GraphQLSafeInt } from 'graphql-scalars';
import { Field, Float, ObjectType } from 'type-graphql';
import { DateTime } from '../graphql/scalars.js';
import { estimateEnd } from './estimate-end.js';
import { MailingStatus } from './mailing.js';
import type { MailingState } from './mailing-state.js';
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
    description:
      'When the last message is expected to be done, by windows, limits and the rate of the last seconds, never after `endsAt`; null: nothing tells, or it stands still (see `waiting` of the mailing).',
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

/** @param sample null where nothing is open */
export function toProgress(state: MailingState, sample: OpenSample | null): Progress {
  const { status, version, total, open, sent, failed, expired, cancelled, unknown, readAt } = state;
  const ratePerSecond = Math.round(state.rate * 10) / 10;
  const exact = { status, version, total, open, sent, failed, expired, cancelled, unknown, readAt };
  const split = splitOpen(open, sample);
  const eta = sample === null ? null : estimateEnd(state, sample);
  return Object.assign(new Progress(), exact, split, { ratePerSecond, eta, asOf: sample?.at ?? readAt });
}
