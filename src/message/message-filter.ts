import { Field, ID, InputType, Int } from 'type-graphql';
import { z } from 'zod';
import type { Actor } from '../access/actor.js';
import { phone } from '../client/client.inputs.js';
import { MomentRangeInput, momentRange } from '../graphql/moments.js';
import { cleanLine, isBigint, parseInput } from '../graphql/parse-input.js';
import { PhoneNumber } from '../graphql/scalars.js';
import { Conditions } from '../platform/conditions.js';
import { MessageStatus } from './message.js';

const MAX_CODES = 100;
const MAX_REASON = 200;

@InputType({ description: 'Which messages: all conditions hold together; an empty list is no condition.' })
export class MessageFilterInput {
  @Field(() => [MessageStatus], { nullable: true, description: 'Any of these statuses.' })
  statuses?: MessageStatus[] | null;

  @Field(() => ID, { nullable: true, description: 'Of this mailing.' })
  mailingId?: string | null;

  @Field(() => ID, { nullable: true, description: 'To this client.' })
  clientId?: string | null;

  @Field(() => PhoneNumber, {
    nullable: true,
    description: 'To the clients who have this phone now, or had it when they were deleted.',
  })
  phone?: string | null;

  @Field(() => [Int], { nullable: true, description: "HTTP statuses of the gateway's last answer, any of them." })
  gatewayCodes?: number[] | null;

  @Field(() => String, {
    nullable: true,
    description: `A part of \`reason\`, in any case, up to ${MAX_REASON} characters.`,
  })
  reasonContains?: string | null;

  @Field(() => MomentRangeInput, { nullable: true, description: 'When it was made.' })
  createdAt?: MomentRangeInput | null;

  @Field(() => MomentRangeInput, { nullable: true, description: 'When the gateway accepted it.' })
  sentAt?: MomentRangeInput | null;
}

/** Which messages are meant; what is left out or empty is no condition. */
export type MessageFilter = z.output<typeof messageFilterSchema>;

/** An id that no row can have finds nothing. */
const id = z.string().transform((given) => (isBigint(given) ? given : '0'));

/** What messages can be asked for. */
export const messageFilterSchema = z.strictObject({
  statuses: z.array(z.enum(MessageStatus)).max(100).nullish(),
  mailingId: id.nullish(),
  clientId: id.nullish(),
  phone: phone.nullish(),
  gatewayCodes: z.array(z.int32()).max(MAX_CODES).nullish(),
  reasonContains: cleanLine(MAX_REASON).nullish(),
  createdAt: momentRange.nullish(),
  sentAt: momentRange.nullish(),
});

/** @param path where the filter stands in what the caller sent @throws InputError on `filter.…` */
export function parseMessageFilter(input: unknown, path: readonly string[] = ['filter']): MessageFilter {
  return parseInput(messageFilterSchema, input ?? {}, path);
}

/**
 * Whoever may not see phones whole may not find them out by asking either.
 *
 * @param prefix what stands before the fields in what the caller sent
 * @throws AppError FORBIDDEN on the field
 */
export function assertMayAsk(actor: Pick<Actor, 'need'>, { phone, reasonContains }: MessageFilter, prefix = 'filter.') {
  if (phone != null) actor.need('clients:phones', `${prefix}phone`);
  // A reason may repeat what the gateway said of a phone, and few questions about a digit or two tell all of it.
  if (/\d/.test(reasonContains ?? '')) actor.need('clients:phones', `${prefix}reasonContains`);
}

/** Statuses of messages that are not over. */
export const OPEN_STATUSES: readonly MessageStatus[] = [
  MessageStatus.ENQUEUED,
  MessageStatus.DELAYED,
  MessageStatus.SENDING,
];

/** Final statuses that message_not_sent_index has. */
export const NOT_SENT: readonly MessageStatus[] = [
  MessageStatus.FAILED,
  MessageStatus.EXPIRED,
  MessageStatus.CANCELLED,
  MessageStatus.UNKNOWN,
];

/** The same for an `in (…)`, which has to stand in a statement for the planner to take the index. */
export const NOT_SENT_SQL = NOT_SENT.map((status) => `'${status}'`).join(', ');

/** True when there is at least one status, and all are among those. */
export function isOnly({ statuses }: MessageFilter, among: readonly MessageStatus[]): boolean {
  return !!statuses?.length && statuses.every((status) => among.includes(status));
}

/** True of a filter that asks for nothing but statuses, which counters of mailings tell. */
export function asksOnlyForStatuses(filter: MessageFilter): boolean {
  return filter.clientId == null && filter.phone == null && restOf(filter).isEmpty;
}

/** A lease that ran out is nobody's. */
const NOT_IN_HAND = '(m.lease_until is null or m.lease_until <= statement_timestamp())';

function withStatus(status: MessageStatus): string {
  switch (status) {
    case MessageStatus.ENQUEUED:
      return `(m.status = 'OPEN' and m.due_at <= statement_timestamp() and ${NOT_IN_HAND})`;
    case MessageStatus.DELAYED:
      return `(m.status = 'OPEN' and m.due_at > statement_timestamp() and ${NOT_IN_HAND})`;
    case MessageStatus.SENDING:
      return `(m.status = 'OPEN' and m.lease_until > statement_timestamp())`;
    default:
      return `m.status = '${status}'`;
  }
}

/** On `message m`: its status; nothing of who gets it. */
export function statusesWhere({ statuses }: MessageFilter): string {
  return statuses?.length ? `(${[...new Set(statuses)].map(withStatus).join(' or ')})` : 'true';
}

/** On `message m`: everything but its status and its client, for which there are indexes. */
export function restOf({ mailingId, gatewayCodes, reasonContains, createdAt, sentAt }: MessageFilter): Conditions {
  const conditions = new Conditions();
  if (mailingId != null) conditions.add('m.mailing_id = ?::bigint', mailingId);
  if (gatewayCodes?.length) conditions.add('m.gateway_code = any (?::int[])', `{${gatewayCodes.join(',')}}`);
  conditions.addContains(['m.reason'], reasonContains);
  conditions.addRange('m.created_at', createdAt);
  conditions.addRange('m.sent_at', sentAt);
  return conditions;
}
