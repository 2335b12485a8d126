import type { EntityManager } from '@mikro-orm/postgresql';
import type pg from 'pg';
import { Arg, Ctx, ID, Query, Resolver } from 'type-graphql';
import { Allow } from '../access/allow.js';
import type { RequestContext } from '../access/request-context.js';
import type { ChannelName } from '../channel/channel.js';
import { AppError } from '../errors.js';
import type { TimeZoneList, TimeZones } from '../graphql/time-zones.js';
import { answer, type UserError } from '../graphql/user-error.js';
import { callersPlaces, type PlaceOf, warnOfAudience } from './audience.inputs.js';
import { fieldsOf } from './edit-mailing.js';
import { type ForecastFields, forecastMailing } from './forecast.js';
import { MailingForecast, MailingForecastPayload } from './forecast.payload.js';
import { type MailingFields, MailingInput, parseMailingChanges, parseNewMailing } from './mailing.inputs.js';
import { MailingStatus } from './mailing.js';
import { checkMailing, checkTimeLeft } from './mailing-rules.js';
import { findMailing } from './mailings.js';

/** What a forecast works with. */
export interface ForecastResolverOptions {
  pool: pg.Pool;
  timeZones: TimeZones;
  /** One attempt's time-out on a channel, ms. */
  timeoutMs: (channel: string) => number;
  /** What the settings allow a channel, messages a second (GATEWAY_RATE_LIMIT); null: anything. */
  settingsLimit: (channel: string) => number | null;
  /** The channel of a mailing that names none. */
  defaultChannel: ChannelName;
}

const NOT_LAUNCHED: readonly MailingStatus[] = [MailingStatus.DRAFT, MailingStatus.SCHEDULED];

@Resolver()
export class ForecastResolver {
  constructor(private readonly options: ForecastResolverOptions) {}

  @Allow('mailings:read')
  @Query(() => MailingForecastPayload, {
    description:
      'What would become of a mailing like this, whom it would reach when, and who would expire. Changes nothing; needs neither name nor text.',
  })
  async mailingForecast(
    @Arg('input', () => MailingInput, { description: 'The mailing; with `id`, what is to be different of it.' })
    input: MailingInput,
    @Arg('id', () => ID, { nullable: true, description: 'Of this mailing, which must not be launched yet.' })
    id: string | null,
    @Ctx() { em }: RequestContext,
  ): Promise<MailingForecastPayload> {
    const zones = await this.options.timeZones.load();
    const { result, userErrors } = await answer(async () => {
      const now = await this.#now();
      const fields = id == null ? this.#newMailing(input, zones, now) : await changedMailing(em, id, input, zones);
      const timeoutMs = this.options.timeoutMs(fields.channel);
      checkMailing(fields, timeoutMs);
      checkTimeLeft(fields, now, timeoutMs);
      const settingsLimit = this.options.settingsLimit(fields.channel);
      const found = await forecastMailing(this.options.pool, fields, { now, timeoutMs, settingsLimit });
      const forecast = new MailingForecast(found);
      return { forecast, warnings: await this.#warnings(fields, forecast, placesIn(input, zones)) };
    });
    return { forecast: result?.forecast ?? null, warnings: result?.warnings ?? [], userErrors };
  }

  #newMailing(input: MailingInput, zones: TimeZoneList, now: Date): MailingFields {
    const whole = { ...input, name: input.name ?? 'forecast', text: input.text ?? 'forecast' };
    const fields = parseNewMailing(whole, zones, this.options.defaultChannel);
    return { ...fields, startsAt: fields.startsAt ?? now };
  }

  async #now(): Promise<Date> {
    const { rows } = await this.options.pool.query<{ now: Date }>('select clock_timestamp() as now');
    return rows[0]!.now;
  }

  async #warnings(
    { filter }: ForecastFields,
    { audienceCount }: MailingForecast,
    places: PlaceOf,
  ): Promise<UserError[]> {
    return await warnOfAudience(this.options.pool, filter, audienceCount, places);
  }
}

/** @throws AppError NOT_FOUND; CONFLICT when it was launched: then its progress tells what became of it */
async function changedMailing(em: EntityManager, id: string, input: MailingInput, zones: TimeZoneList) {
  const mailing = await findMailing(em, id);
  if (!NOT_LAUNCHED.includes(mailing.status)) {
    throw new AppError('CONFLICT', `This mailing is ${mailing.status}: its progress tells what becomes of it.`, 'id');
  }
  const { revision: _, ...changes } = parseMailingChanges(input, zones);
  return { ...fieldsOf(mailing), ...changes };
}

/** Where the caller wrote a value of the filter; else its place in the stored one. */
function placesIn({ filter }: MailingInput, zones: TimeZoneList): PlaceOf {
  return filter == null ? (_, at) => at : callersPlaces(filter, zones);
}
