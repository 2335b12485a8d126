import type { EntityManager } from '@mikro-orm/postgresql';
import type pg from 'pg';
import {
  Arg,
  Args,
  ArgsType,
  Ctx,
  Field,
  FieldResolver,
  ID,
  Int,
  ObjectType,
  Query,
  Resolver,
  registerEnumType,
} from 'type-graphql';
import { Allow } from '../access/allow.js';
import type { RequestContext } from '../access/request-context.js';
import { timeZone } from '../client/client.inputs.js';
import { connectionType, PageArgs, readKeyset } from '../graphql/connection.js';
import { MomentRangeInput, momentRange } from '../graphql/moments.js';
import { parseInput } from '../graphql/parse-input.js';
import { DateTime, TimeZone } from '../graphql/scalars.js';
import type { TimeZones } from '../graphql/time-zones.js';
import { countMailings, listMailings } from '../mailing/list-mailings.js';
import { Mailing } from '../mailing/mailing.js';
import { findMailing } from '../mailing/mailings.js';
import { StatusCounts } from '../mailing/status-counts.js';
import type { Logger } from '../platform/log.js';
import {
  countMessagesIn,
  groupMessages,
  howFresh,
  MAX_GROUPS,
  type MessageGroup,
  StatisticsGroupBy,
} from './group-messages.js';
import { MailingStatistics, readOverall } from './statistics.js';
import { Tallies } from './tallies.js';

const MailingStatisticsConnection = connectionType('MailingStatistics', MailingStatistics);

registerEnumType(StatisticsGroupBy, {
  name: 'StatisticsGroupBy',
  description: 'What messages are told apart by.',
  valuesConfig: {
    STATUS: { description: 'Their status; those that are open together.' },
    OPERATOR: { description: "Their client's operator code." },
    TAG: {
      description: "Their client's tags, as they were when it was counted; one with three tags counts three times.",
    },
    HOUR: { description: "The hour of the day, `00` to `23`: by each client's own clock, or by one in `timeZone`." },
    MAILING: { description: 'Their mailing.' },
  },
});

@ObjectType({ description: 'Messages that have something in common.' })
export class StatisticsGroup {
  @Field(() => String, {
    nullable: true,
    description:
      "A status, operator code, tag, hour, or the id of a mailing; null: no tag, no client any more, or an hour that can't be told.",
  })
  key!: string | null;

  @Field(() => StatusCounts, { description: 'How many there are, by status.' })
  messages!: StatusCounts;

  @Field(() => Mailing, { nullable: true, description: 'Which mailing, when grouped so; else null.' })
  mailing!: Mailing | null;
}

@ObjectType({ description: 'Mailings and their messages in numbers.' })
export class Statistics {
  @Field(() => Int, { description: 'How many mailings there are, or were made in the period.' })
  mailingCount!: number;

  @Field(() => Int, { description: 'How many mailings were launched, or were in the period.' })
  launchedCount!: number;

  @Field(() => StatusCounts, { description: 'The messages of all of them, or of the period.' })
  messages!: StatusCounts;

  @Field(() => [StatisticsGroup], {
    nullable: true,
    description: `The same by \`groupBy\`, the largest groups first, hours in their order; up to ${MAX_GROUPS}. Null: nothing to group by was said.`,
  })
  groups!: StatisticsGroup[] | null;

  @Field(() => DateTime, {
    description:
      'At least everything until then is counted. Without a period or groups, and for mailings that are over, it is now.',
  })
  asOf!: Date;

  @Field(() => Int, {
    description:
      'Launched mailings that are being counted for the first time, and are not in `groups` or the period yet.',
  })
  uncountedMailings!: number;
}

@ArgsType()
class StatisticsArgs {
  @Field(() => MomentRangeInput, {
    nullable: true,
    description:
      'A message counts when it was sent; one that was not, at its last attempt, or else when it was made. In quarters of an hour: `from` is taken down to one, `to` up. None: from the beginning.',
  })
  period?: MomentRangeInput | null;

  @Field(() => StatisticsGroupBy, { nullable: true, description: 'What to tell the messages apart by.' })
  groupBy?: StatisticsGroupBy | null;

  @Field(() => TimeZone, {
    nullable: true,
    description: "For hours: by this zone's clock. Left out: by each client's own.",
  })
  timeZone?: string | null;
}

/** Numbers come from the mailings' own rows and, where these don't tell, from what tallies.ts has counted. */
@Resolver(() => Statistics)
export class StatisticsResolver {
  readonly #tallies: Tallies;

  constructor(private readonly options: { pool: pg.Pool; timeZones: TimeZones; log: Logger }) {
    this.#tallies = new Tallies(options.pool, options.log);
  }

  @Allow('mailings:read')
  @Query(() => Statistics, { description: 'Mailings and their messages in numbers.' })
  async statistics(
    @Args(() => StatisticsArgs) { period: given, groupBy, timeZone: zone }: StatisticsArgs,
    @Ctx() { em }: RequestContext,
  ): Promise<Statistics> {
    const { pool, timeZones } = this.options;
    const period = parseInput(momentRange, given ?? {}, ['period']);
    const inZone = parseInput(timeZone(await timeZones.load()).nullish(), zone, ['timeZone']) ?? null;
    const overall = await readOverall(pool, period);
    if (given == null && groupBy == null) return { ...overall, groups: null, asOf: new Date(), uncountedMailings: 0 };
    await this.#tallies.refresh();
    const { asOf, uncounted } = await howFresh(pool);
    const messages = given == null ? overall.messages : await countMessagesIn(pool, period);
    const groups = groupBy == null ? null : await groupMessages(pool, period, groupBy, inZone);
    const mailings = groupBy === StatisticsGroupBy.MAILING ? await mailingsOf(em, groups ?? []) : new Map();
    return {
      ...overall,
      messages,
      groups: groups?.map((group) => ({ ...group, mailing: mailings.get(group.key) ?? null })) ?? null,
      asOf,
      uncountedMailings: uncounted,
    };
  }

  @Allow('mailings:read')
  @Query(() => MailingStatistics, {
    nullable: true,
    description: 'One mailing in numbers; NOT_FOUND when there is none.',
  })
  async mailingStatistics(
    @Arg('id', () => ID, { description: 'Which mailing.' }) id: string,
    @Ctx() { em }: RequestContext,
  ): Promise<MailingStatistics> {
    return new MailingStatistics(await findMailing(em, id));
  }

  @FieldResolver(() => MailingStatisticsConnection, { description: 'Each mailing in numbers, newest first.' })
  async mailings(@Args(() => PageArgs) page: PageArgs, @Ctx() { em }: RequestContext) {
    const list = 'mailing';
    const keyset = readKeyset(page, list);
    const rows = (await listMailings(em, {}, keyset)).map(({ row }) => new MailingStatistics(row));
    const count = () => countMailings(em, {});
    return new MailingStatisticsConnection({ keyset, rows, list, keyOf: (row) => [row.mailing.id], count });
  }
}

async function mailingsOf(em: EntityManager, groups: readonly MessageGroup[]): Promise<Map<string | null, Mailing>> {
  const ids = groups.flatMap(({ key }) => key ?? []);
  const found = await em.find(Mailing, { id: { $in: ids } }, { disableIdentityMap: true });
  return new Map(found.map((mailing) => [mailing.id, mailing]));
}
