import type { EntityManager } from '@mikro-orm/postgresql';
import { Field, Int, ObjectType, registerEnumType } from 'type-graphql';
import { DateTime } from '../graphql/scalars.js';
import type { Message } from './message.js';
import { MessageAttempt } from './message-attempt.js';

/** What an attempt came to; the values are those that are stored. */
export enum AttemptOutcome {
  ACCEPTED = 'accepted',
  REJECTED = 'rejected',
  RETRY = 'retry',
  UNKNOWN = 'unknown',
  LOST = 'lost',
}

registerEnumType(AttemptOutcome, {
  name: 'AttemptOutcome',
  description: 'What an attempt came to.',
  valuesConfig: {
    ACCEPTED: { description: 'The gateway took it.' },
    REJECTED: { description: 'The gateway refused it for good.' },
    RETRY: { description: 'The gateway certainly does not have it.' },
    UNKNOWN: { description: 'The gateway may or may not have it.' },
    LOST: { description: 'The worker that had it never reported back: the gateway may or may not have it.' },
  },
});

@ObjectType({ description: 'One attempt to send a message.' })
export class Attempt {
  @Field(() => Int, { description: 'Which claim it was; numbers of claims that sent nothing are left out.' })
  number!: number;

  @Field(() => DateTime, { description: "By the database's clock." })
  startedAt!: Date;

  @Field(() => DateTime, { nullable: true, description: 'Null: nobody knows.' })
  endedAt!: Date | null;

  @Field(() => AttemptOutcome, { description: 'What it came to.' })
  outcome!: string;

  @Field(() => Int, { nullable: true, description: "The HTTP status of the gateway's answer." })
  gatewayCode!: number | null;

  @Field(() => String, { nullable: true, description: 'Why it did not succeed; null: it did.' })
  reason!: string | null;
}

/**
 * The attempts of messages, each oldest first: the earlier ones from their table, in one query, and the last from the
 * message's own row. One that went well at once has nothing in that table and is not looked for.
 */
export async function loadTimelines(em: EntityManager, messages: readonly Message[]): Promise<Attempt[][]> {
  const again = messages.filter((message) => message.fence > 1);
  const earlier =
    again.length === 0
      ? []
      : await em.find(
          MessageAttempt,
          { $or: again.map(({ mailingId, id }) => ({ mailingId, messageId: id })) },
          { disableIdentityMap: true },
        );
  const byMessage = Map.groupBy(earlier, ({ messageId }) => messageId);
  return messages.map((message) =>
    // A worker that was given up and reports all the same is on its message's row: that says more than "lost".
    [
      ...(byMessage.get(message.id) ?? []).filter(({ fence }) => fence !== message.attemptFence).map(toAttempt),
      ...lastAttempt(message),
    ].toSorted((a, b) => a.number - b.number),
  );
}

function toAttempt({ fence, startedAt, endedAt, outcome, gatewayCode, reason }: MessageAttempt): Attempt {
  return { number: fence, startedAt, endedAt, outcome, gatewayCode, reason };
}

function lastAttempt(message: Message): Attempt[] {
  const { attemptFence, attemptStartedAt, attemptEndedAt, attemptOutcome, gatewayCode, reason } = message;
  if (attemptFence === null || attemptStartedAt === null || attemptOutcome === null) return [];
  return [
    {
      number: attemptFence,
      startedAt: attemptStartedAt,
      endedAt: attemptEndedAt,
      outcome: attemptOutcome,
      gatewayCode,
      reason,
    },
  ];
}
