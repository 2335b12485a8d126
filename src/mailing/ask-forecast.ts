import type { EntityManager } from '@mikro-orm/postgresql';
import type pg from 'pg';
import type { ChannelName } from '../channel/channel.js';
import { AppError } from '../errors.js';
import type { TimeZoneList, TimeZones } from '../graphql/time-zones.js';
import type { UserError } from '../graphql/user-error.js';
import { callersPlaces, type PlaceOf, warnOfAudience } from './audience.inputs.js';
import { fieldsOf } from './edit-mailing.js';
import { forecastMailing } from './forecast.js';
import { MailingForecast } from './forecast.payload.js';
import { type MailingFields, type MailingInput, parseMailingChanges, parseNewMailing } from './mailing.inputs.js';
import { MailingStatus } from './mailing.js';
import { checkMailing, checkTimeLeft } from './mailing-rules.js';
import { findMailing } from './mailings.js';

/** What a forecast works with. */
export interface ForecastParts {
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

/**
 * What would become of a mailing like this.
 *
 * @param input the mailing; with `id`, what is to be different of that one
 * @param id of a mailing that is not launched yet; null: of none
 * @throws AppError BAD_USER_INPUT that names the field; NOT_FOUND; CONFLICT when it was launched
 */
export async function askForecast(
  parts: ForecastParts,
  em: EntityManager,
  input: MailingInput,
  id: string | null,
): Promise<{ forecast: MailingForecast; warnings: UserError[] }> {
  const { pool, timeoutMs, settingsLimit } = parts;
  const zones = await parts.timeZones.load();
  const { rows } = await pool.query<{ now: Date }>('select clock_timestamp() as now');
  const now = rows[0]!.now;
  const fields = id == null ? newMailing(parts, input, zones, now) : await changedMailing(em, id, input, zones);
  const timeout = timeoutMs(fields.channel);
  checkMailing(fields, timeout);
  checkTimeLeft(fields, now, timeout);
  const limit = settingsLimit(fields.channel);
  const found = await forecastMailing(pool, fields, { now, timeoutMs: timeout, settingsLimit: limit });
  const forecast = new MailingForecast(found);
  const warnings = await warnOfAudience(pool, fields.filter, forecast.audienceCount, placesIn(input, zones));
  return { forecast, warnings };
}

/** Whom it reaches and when depends on neither name nor text. */
function newMailing(parts: ForecastParts, input: MailingInput, zones: TimeZoneList, now: Date): MailingFields {
  const whole = { ...input, name: input.name ?? 'forecast', text: input.text ?? 'forecast' };
  const fields = parseNewMailing(whole, zones, parts.defaultChannel);
  return { ...fields, startsAt: fields.startsAt ?? now };
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
