import type { EntityManager } from '@mikro-orm/postgresql';
import type pg from 'pg';
import { Field, Int, ObjectType } from 'type-graphql';
import { timeZone } from '../client/client.inputs.js';
import { type MomentRange, momentRange } from '../graphql/moments.js';
import { parseInput } from '../graphql/parse-input.js';
import { DateTime } from '../graphql/scalars.js';
import type { TimeZones } from '../graphql/time-zones.js';
import { Mailing } from '../mailing/mailing.js';
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
import { readOverall } from './statistics.js';
import { Tallies } from './tallies.js';

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

/** What is asked, as the caller gave it. */
export interface AskedStatistics {
  period: unknown;
  groupBy: StatisticsGroupBy | null;
  timeZone: unknown;
}

/** Numbers come from the mailings' own rows and, where these don't tell, from what tallies.ts has counted. */
export class StatisticsReader {
  readonly #tallies: Tallies;

  constructor(private readonly options: { pool: pg.Pool; timeZones: TimeZones; log: Logger }) {
    this.#tallies = new Tallies(options.pool, options.log);
  }

  /** @param path where the period stands in what the caller sent @throws InputError on its fields or on `timeZone` */
  async read(em: EntityManager, asked: AskedStatistics, path: readonly string[] = ['period']): Promise<Statistics> {
    const { pool, timeZones } = this.options;
    const { groupBy } = asked;
    const period: MomentRange = parseInput(momentRange, asked.period ?? {}, path);
    const zone = parseInput(timeZone(await timeZones.load()).nullish(), asked.timeZone, ['timeZone']) ?? null;
    const overall = await readOverall(pool, period);
    if (asked.period == null && groupBy === null) {
      return { ...overall, groups: null, asOf: new Date(), uncountedMailings: 0 };
    }
    await this.#tallies.refresh();
    const { asOf, uncounted } = await howFresh(pool);
    const messages = asked.period == null ? overall.messages : await countMessagesIn(pool, period);
    const groups = groupBy === null ? null : await groupMessages(pool, period, groupBy, zone);
    const mailings = groupBy === StatisticsGroupBy.MAILING ? await mailingsOf(em, groups ?? []) : new Map();
    return {
      ...overall,
      messages,
      groups: groups?.map((group) => ({ ...group, mailing: mailings.get(group.key) ?? null })) ?? null,
      asOf,
      uncountedMailings: uncounted,
    };
  }
}

async function mailingsOf(em: EntityManager, groups: readonly MessageGroup[]): Promise<Map<string | null, Mailing>> {
  const ids = groups.flatMap(({ key }) => key ?? []);
  const found = await em.find(Mailing, { id: { $in: ids } }, { disableIdentityMap: true });
  return new Map(found.map((mailing) => [mailing.id, mailing]));
}
