import { Arg, Args, ArgsType, Ctx, Field, FieldResolver, ID, Query, Resolver, registerEnumType } from 'type-graphql';
import { Allow } from '../access/allow.js';
import type { RequestContext } from '../access/request-context.js';
import { connectionType, PageArgs, readKeyset } from '../graphql/connection.js';
import { MomentRangeInput } from '../graphql/moments.js';
import { TimeZone } from '../graphql/scalars.js';
import { countMailings, listMailings } from '../mailing/list-mailings.js';
import { findMailing } from '../mailing/mailings.js';
import { StatisticsGroupBy } from './group-messages.js';
import { Statistics, StatisticsReader } from './read-statistics.js';
import { MailingStatistics } from './statistics.js';

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

@Resolver(() => Statistics)
export class StatisticsResolver {
  readonly #reader: StatisticsReader;

  constructor(options: ConstructorParameters<typeof StatisticsReader>[0]) {
    this.#reader = new StatisticsReader(options);
  }

  @Allow('mailings:read')
  @Query(() => Statistics, { description: 'Mailings and their messages in numbers.' })
  async statistics(
    @Args(() => StatisticsArgs) { period, groupBy, timeZone }: StatisticsArgs,
    @Ctx() { em }: RequestContext,
  ): Promise<Statistics> {
    return await this.#reader.read(em, { period, groupBy: groupBy ?? null, timeZone });
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
