import type pg from 'pg';
import { Ctx, FieldResolver, Resolver, Root } from 'type-graphql';
import type { RequestContext } from '../access/request-context.js';
import { batchPerRequest } from '../graphql/batch.js';
import { Entries } from '../graphql/entries.js';
import { Mailing } from '../mailing/mailing.js';
import type { Logger } from '../platform/log.js';
import { DeliveryHour, MAX_HOURS, readDeliveries } from './deliveries.js';
import { Tallies } from './tallies.js';

/** What of a mailing is added up as statistics are. */
@Resolver(() => Mailing)
export class DeliveriesResolver {
  readonly #tallies: Tallies;
  readonly #deliveries = batchPerRequest(async (_: RequestContext, ids: readonly string[]) => {
    await this.#tallies.refreshOf(ids);
    return await readDeliveries(this.pool, ids);
  });
  private readonly pool: pg.Pool;

  constructor({ pool, log }: { pool: pg.Pool; log: Logger }) {
    this.pool = pool;
    this.#tallies = new Tallies(pool, log);
  }

  @Entries(MAX_HOURS)
  @FieldResolver(() => [DeliveryHour], {
    description: `When its messages were sent, by each client's own clock: hours in their order, those without any left out; the last ${MAX_HOURS}. Of a mailing under way as of some seconds ago, of a very large one some minutes. A very large one may have none when it is asked for the first time: then ask again.`,
  })
  async deliveries(@Root() { id, sent }: Mailing, @Ctx() context: RequestContext): Promise<DeliveryHour[]> {
    return sent === 0 ? [] : await this.#deliveries(context, id);
  }
}
