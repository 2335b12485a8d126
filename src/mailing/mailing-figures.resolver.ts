import { Ctx, FieldResolver, Resolver, Root } from 'type-graphql';
import type { RequestContext } from '../access/request-context.js';
import { batchPerRequest } from '../graphql/batch.js';
import { FAILURES_AMONG, FailureGroup, groupFailures, MAX_GROUPS } from './failures.js';
import { Mailing } from './mailing.js';

/** What of a mailing is counted for those who look at it closely. */
@Resolver(() => Mailing)
export class MailingFiguresResolver {
  readonly #failures = batchPerRequest(({ em }: RequestContext, ids: readonly string[]) => groupFailures(em, ids));

  @FieldResolver(() => [FailureGroup], {
    description: `What FAILED and what is UNKNOWN, by status, answer and reason: the ${MAX_GROUPS} largest groups, the largest first. Counted among the newest ${FAILURES_AMONG} of each status, which the mailings of one answer share; \`progress\` says how many there are in all.`,
  })
  async failures(@Root() { id, failed, unknown }: Mailing, @Ctx() context: RequestContext): Promise<FailureGroup[]> {
    return failed + unknown === 0 ? [] : await this.#failures(context, id);
  }
}
