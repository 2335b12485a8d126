import type pg from 'pg';
import { Arg, Ctx, Query, Resolver } from 'type-graphql';
import { Allow } from '../access/allow.js';
import type { RequestContext } from '../access/request-context.js';
import type { TimeZones } from '../graphql/time-zones.js';
import { Audience, askAudience } from './ask-audience.js';
import { AudienceFilterInput } from './audience.inputs.js';

@Resolver()
export class AudienceResolver {
  constructor(private readonly options: { pool: pg.Pool; timeZones: TimeZones }) {}

  @Allow('clients:read')
  @Query(() => Audience, { description: 'Who a mailing with this filter would go to, if it were launched now.' })
  async audience(
    @Arg('filter', () => AudienceFilterInput, { nullable: true, description: 'As of a mailing; none: everybody.' })
    input: AudienceFilterInput | null,
    @Ctx() { em }: RequestContext,
  ): Promise<Audience> {
    return await askAudience(this.options, em, input);
  }
}
