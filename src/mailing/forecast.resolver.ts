import { Arg, Ctx, ID, Query, Resolver } from 'type-graphql';
import { Allow } from '../access/allow.js';
import type { RequestContext } from '../access/request-context.js';
import { answer } from '../graphql/user-error.js';
import { askForecast, type ForecastParts } from './ask-forecast.js';
import { MailingForecastPayload } from './forecast.payload.js';
import { MailingInput } from './mailing.inputs.js';

@Resolver()
export class ForecastResolver {
  constructor(private readonly parts: ForecastParts) {}

  @Allow('mailings:read')
  @Query(() => MailingForecastPayload, {
    description:
      'What would become of a mailing like this, whom it would reach when, and who would expire: of everybody its filter matches, or, by the `id` of one under way, of the rest. Changes nothing; needs neither name nor text.',
  })
  async mailingForecast(
    @Arg('input', () => MailingInput, { description: 'The mailing; with `id`, what is to be different of it.' })
    input: MailingInput,
    @Arg('id', () => ID, {
      nullable: true,
      description:
        'Of this mailing, which must not be over. Of one that is RUNNING or PAUSED the rest is foreseen, as if it were sent from now on: who waits still, who has expired and would come back, and whom the launch has not come to.',
    })
    id: string | null,
    @Ctx() { em }: RequestContext,
  ): Promise<MailingForecastPayload> {
    const { result, userErrors } = await answer(() => askForecast(this.parts, em, input, id));
    return { forecast: result?.forecast ?? null, warnings: result?.warnings ?? [], userErrors };
  }
}
