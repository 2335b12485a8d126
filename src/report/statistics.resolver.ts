import type pg from 'pg';
import { Arg, Args, Ctx, Field, FieldResolver, ID, Int, ObjectType, Query, Resolver } from 'type-graphql';
import { Allow } from '../access/allow.js';
import type { RequestContext } from '../access/request-context.js';
import { connectionType, PageArgs, readKeyset } from '../graphql/connection.js';
import { countMailings, listMailings } from '../mailing/list-mailings.js';
import { findMailing } from '../mailing/mailings.js';
import { StatusCounts } from '../mailing/status-counts.js';
import { MailingStatistics, readOverall } from './statistics.js';

const MailingStatisticsConnection = connectionType('MailingStatistics', MailingStatistics);

@ObjectType({ description: 'All mailings in numbers.' })
export class Statistics {
  @Field(() => Int, { description: 'How many mailings there are.' })
  mailingCount!: number;

  @Field(() => Int, { description: 'How many of them were launched.' })
  launchedCount!: number;

  @Field(() => StatusCounts, { description: 'The messages of all of them.' })
  messages!: StatusCounts;
}

/** Numbers come from the mailings' own rows: the same transaction that changes a message's status counts it there. */
@Resolver(() => Statistics)
export class StatisticsResolver {
  constructor(private readonly pool: pg.Pool) {}

  @Allow('mailings:read')
  @Query(() => Statistics, { description: 'All mailings in numbers.' })
  async statistics(): Promise<Statistics> {
    return Object.assign(new Statistics(), await readOverall(this.pool));
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
