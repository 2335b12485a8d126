import { GraphQLSafeInt } from 'graphql-scalars';
import { Field, ObjectType } from 'type-graphql';

/**
 * Messages by final status. SafeInt and not Int: over all mailings there may be more than 2^31 messages, and a Float would
 * promise fractions. It leaves as a JSON number, exact up to 2^53.
 */
@ObjectType({
  description: 'Messages by status; `total = open + sent + failed + expired + cancelled + unknown`.',
  simpleResolvers: true,
})
export class StatusCounts {
  @Field(() => GraphQLSafeInt, { description: 'Messages made so far; grows while a mailing is being launched.' })
  total!: number;

  @Field(() => GraphQLSafeInt, { description: 'Without a final status yet.' })
  open!: number;

  @Field(() => GraphQLSafeInt, { description: 'The gateway accepted them.' })
  sent!: number;

  @Field(() => GraphQLSafeInt, { description: 'Refused for good.' })
  failed!: number;

  @Field(() => GraphQLSafeInt, { description: 'Not sent before the end.' })
  expired!: number;

  @Field(() => GraphQLSafeInt, { description: 'Not sent because of a cancel, an opt-out or a deletion.' })
  cancelled!: number;

  @Field(() => GraphQLSafeInt, { description: 'Perhaps sent: the outcome of an attempt was never known.' })
  unknown!: number;
}

/** Only the counts of what has more than them. */
export function countsOf(counts: StatusCounts): StatusCounts {
  const { total, open, sent, failed, expired, cancelled, unknown } = counts;
  return Object.assign(new StatusCounts(), { total, open, sent, failed, expired, cancelled, unknown });
}
