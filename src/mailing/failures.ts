import type { EntityManager } from '@mikro-orm/postgresql';
import { GraphQLSafeInt } from 'graphql-scalars';
import { Field, Int, ObjectType } from 'type-graphql';
import { MessageStatus } from '../message/message.js';
import { NOT_SENT_SQL } from '../message/message-filter.js';
import { textArray } from '../platform/sql-arrays.js';
import { RETRYABLE } from './retry-messages.js';

/** Messages looked at for one answer, of each status: 0.2 s of one core where both have as many. Many mailings in one answer share them. */
export const FAILURES_AMONG = 50_000;

/** Groups of a mailing at the most: the largest. */
export const MAX_GROUPS = 50;

@ObjectType({ description: 'Messages that did not get there for the same reason.' })
export class FailureGroup {
  @Field(() => MessageStatus, { description: 'FAILED or UNKNOWN.' })
  status!: MessageStatus;

  @Field(() => String, { nullable: true, description: 'As of each of these messages; null: there is none.' })
  reason!: string | null;

  @Field(() => Int, { nullable: true, description: "The HTTP status of the gateway's last answer; null: none came." })
  gatewayCode!: number | null;

  @Field(() => GraphQLSafeInt, { description: 'How many there are.' })
  count!: number;
}

/** Each status by itself, so that message_not_sent_index is walked from its end, and never further than it must be. */
const GROUPS = `
  select n, status, gateway_code as "gatewayCode", reason, count from (
    select w.n::int, s.status, m.gateway_code, m.reason, count(*)::int as count,
      row_number() over (partition by w.n order by count(*) desc, s.status, m.gateway_code, m.reason) as place
    from unnest(?::bigint[]) with ordinality w (id, n) cross join unnest(?::text[]) s (status) cross join lateral (
      select gateway_code, reason from message
      where mailing_id = w.id and status = s.status and status in (${NOT_SENT_SQL}) and kind = 'CAMPAIGN'
      order by id desc limit ?::int
    ) m
    group by w.n, s.status, m.gateway_code, m.reason
  ) grouped
  where place <= ${MAX_GROUPS} order by n, place`;

/**
 * Of each mailing what FAILED and what is UNKNOWN, by the gateway's answer and the reason, the largest groups first.
 *
 * @param among messages looked at of each status, of all mailings together
 */
export async function groupFailures(
  em: EntityManager,
  mailingIds: readonly string[],
  among = FAILURES_AMONG,
): Promise<FailureGroup[][]> {
  const each = Math.ceil(among / mailingIds.length);
  const rows = await em.execute<(FailureGroup & { n: number })[]>(GROUPS, [
    textArray(mailingIds),
    textArray(RETRYABLE),
    each,
  ]);
  const byMailing = Map.groupBy(rows, ({ n }) => n);
  return mailingIds.map((_, at) => byMailing.get(at + 1) ?? []);
}
