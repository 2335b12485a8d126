import { GraphQLSafeInt } from 'graphql-scalars';
import { Field, ObjectType } from 'type-graphql';
import { DateTime } from '../graphql/scalars.js';
import { WaitingFor } from '../message/message.js';
import { MailingStatus } from './mailing.js';
import type { MailingState } from './mailing-state.js';
import { type OpenSample, splitOpen } from './open-sample.js';

/** One thing that a mailing waits for. */
@ObjectType({ description: 'One thing that a mailing waits for.', simpleResolvers: true })
export class Waiting {
  @Field(() => WaitingFor, { description: 'What it is.' })
  reason!: WaitingFor;

  @Field(() => DateTime, {
    nullable: true,
    description:
      'START: the start. WINDOW, RETRY: when the next of them is due. CIRCUIT: when it is tried again. RATE: when all that is due will have gone. Null: nothing tells.',
  })
  until!: Date | null;

  @Field(() => GraphQLSafeInt, {
    nullable: true,
    description:
      'How many messages it holds back: all that are due, but for WINDOW and RETRY, which have their own. A sample, see `asOf`. Null: they are not all made yet.',
  })
  count!: number | null;

  @Field(() => String, { nullable: true, description: 'More about it, in one sentence for people.' })
  detail!: string | null;

  @Field(() => DateTime, { description: 'When the messages were sampled.' })
  asOf!: Date;
}

/** Due messages that nobody has taken for so long wait for a worker, ms… */
const IDLE_MS = 10_000;
/** …and so long where a limit may be what keeps them from being taken: a channel's is shared by many mailings. */
const IDLE_UNDER_LIMIT_MS = 60_000;

/** Reasons for which nothing goes at all, so that nobody can say when it will be done. */
export const STANDSTILL: readonly WaitingFor[] = [
  WaitingFor.STOPPED,
  WaitingFor.PAUSED,
  WaitingFor.CIRCUIT,
  WaitingFor.WORKER,
];

/** Whether a mailing may wait for anything: it is to start, to go on, or to be settled. */
export function mayWait({ status, open }: Pick<MailingState, 'status' | 'open'>): boolean {
  if (status === MailingStatus.CANCELLED) return open > 0;
  return status !== MailingStatus.DRAFT && status !== MailingStatus.COMPLETED;
}

/**
 * Why a mailing, or a part of it, stands still: what people decided first, then what holds back all that is due, then what
 * single messages wait for. Empty: it runs, or somebody is about to take it in hand.
 *
 * @param sample of its open messages; null where nothing is open
 */
export function whyWaiting(state: MailingState, sample: OpenSample | null): Waiting[] {
  const { status, readAt, startsAt, endsAt, open } = state;
  const entry = (reason: WaitingFor, count: number | null, until: Date | null = null, detail: string | null = null) =>
    Object.assign(new Waiting(), { reason, count, until, detail, asOf: sample?.at ?? readAt });
  if (!mayWait(state)) return [];
  const late = idleMs(state, endsAt <= readAt ? endsAt : null) > IDLE_MS;
  if (status === MailingStatus.SCHEDULED) {
    return [
      late ? entry(WaitingFor.WORKER, null, null, 'It should have started.') : entry(WaitingFor.START, null, startsAt),
    ];
  }
  if (status === MailingStatus.CANCELLED || endsAt <= readAt) {
    return late && open > 0 ? [entry(WaitingFor.WORKER, open, null, 'Its messages should have been settled.')] : [];
  }
  const { delayed, enqueued } = splitOpen(open, sample);
  const retrying = Math.min(delayed, sample?.retrying ?? 0);
  const waiting = whatHoldsDue(state, sample, enqueued).map(({ reason, until, detail }) =>
    entry(reason, enqueued, until, detail),
  );
  if (state.launchCompletedAt === null && late) {
    waiting.push(entry(WaitingFor.WORKER, null, null, 'Its messages are not all made yet.'));
  }
  if (delayed > retrying) waiting.push(entry(WaitingFor.WINDOW, delayed - retrying, sample?.nextWindowAt));
  if (retrying > 0) waiting.push(entry(WaitingFor.RETRY, retrying, sample?.nextRetryAt));
  return waiting;
}

type Hold = Pick<Waiting, 'reason' | 'until' | 'detail'>;

/** What all due messages wait for, the most important first. */
function whatHoldsDue(state: MailingState, sample: OpenSample | null, due: number): Hold[] {
  const { stop, circuit, limit, readAt } = state;
  const holds: Hold[] = [];
  const hold = (reason: WaitingFor, until: Date | null, detail: string | null) => holds.push({ reason, until, detail });
  if (stop) hold(WaitingFor.STOPPED, null, `By ${stop.by}${stop.reason === null ? '' : `: ${stop.reason}`}`);
  if (state.status === MailingStatus.PAUSED) hold(WaitingFor.PAUSED, null, null);
  if (due === 0) return holds;
  if (circuit) hold(WaitingFor.CIRCUIT, new Date(circuit.probeAt), circuit.reason);
  const limited = limit !== null && due > limit;
  const isIdle =
    sample?.sending === 0 && idleMs(state, sample.waitingSince) > (limited ? IDLE_UNDER_LIMIT_MS : IDLE_MS);
  if (holds.length === 0 && isIdle) hold(WaitingFor.WORKER, null, null);
  if (limited) {
    const whose = state.limitIsOwn ? 'the limit of this mailing' : 'the limit of its channel';
    // While nothing goes at all, it says nothing of when they will have gone.
    const until = holds.length > 0 ? null : new Date(readAt.getTime() + (due / limit) * 1_000);
    hold(WaitingFor.RATE, until, `${limit} messages a second, ${whose}`);
  }
  return holds;
}

/** For how long nobody has worked on what could be worked on, the last of it since a moment, ms. */
function idleMs({ readAt, quietSince }: MailingState, since: Date | null): number {
  return readAt.getTime() - Math.max(quietSince.getTime(), since?.getTime() ?? 0);
}
