import type pg from 'pg';
import { Arg, Ctx, FieldResolver, Int, Resolver, Root } from 'type-graphql';
import type { RequestContext } from '../access/request-context.js';
import { batchPerRequest } from '../graphql/batch.js';
import { Entries } from '../graphql/entries.js';
import { SharedReads } from '../platform/shared-reads.js';
import { FAILURES_AMONG, FailureGroup, groupFailures, MAX_GROUPS } from './failures.js';
import { Mailing } from './mailing.js';
import {
  type AskedThroughput,
  LEAST_STEP,
  MAX_MINUTES,
  MAX_POINTS,
  parseMinutes,
  readThroughput,
  ThroughputPoint,
} from './throughput.js';

interface Asked extends AskedThroughput {
  version: string;
}

/** What of a mailing is counted for those who look at it closely: all who look at the same one share it. */
@Resolver(() => Mailing)
export class MailingFiguresResolver {
  readonly #sharedFailures = new SharedReads<FailureGroup[][]>();
  readonly #sharedThroughput = new SharedReads<ThroughputPoint[][]>();
  readonly #failures = batchPerRequest(({ em }: RequestContext, mailings: readonly Mailing[]) => {
    const ids = mailings.map(({ id }) => id);
    return this.#sharedFailures.get(ids.join(), sumOf(mailings), () => groupFailures(em, ids));
  });
  readonly #throughput = batchPerRequest((_: RequestContext, asked: readonly Asked[]) => {
    const key = asked.map(({ mailingId, minutes }) => `${mailingId} ${minutes}`).join();
    return this.#sharedThroughput.get(key, sumOf(asked), () => readThroughput(this.options.pool, asked));
  });

  constructor(private readonly options: { pool: pg.Pool }) {}

  @Entries(MAX_GROUPS)
  @FieldResolver(() => [FailureGroup], {
    description: `What FAILED and what is UNKNOWN, by status, answer and reason: the ${MAX_GROUPS} largest groups, the largest first. Counted among the newest ${FAILURES_AMONG} of each status, which the mailings of one answer share; \`progress\` says how many there are in all.`,
  })
  async failures(@Root() mailing: Mailing, @Ctx() context: RequestContext): Promise<FailureGroup[]> {
    return mailing.failed + mailing.unknown === 0 ? [] : await this.#failures(context, mailing);
  }

  @Entries(MAX_POINTS)
  @FieldResolver(() => [ThroughputPoint], {
    description: `How many messages got a final status in the last minutes, the oldest first: a point for every ${LEAST_STEP} seconds, for more than ten minutes one for accordingly more; those without any are left out. The last one may have just begun.`,
  })
  async throughput(
    @Root() { id, launchedAt, version }: Mailing,
    @Arg('minutes', () => Int, { defaultValue: 10, description: `How far back, 1 to ${MAX_MINUTES}.` }) given: number,
    @Ctx() context: RequestContext,
  ): Promise<ThroughputPoint[]> {
    const minutes = parseMinutes(given);
    return launchedAt === null ? [] : await this.#throughput(context, { mailingId: id, minutes, version });
  }
}

/** Of the same mailings the sum of their versions grows with each change of any of them. */
function sumOf(mailings: readonly { version: string }[]): string {
  return String(mailings.reduce((sum, { version }) => sum + BigInt(version), 0n));
}
