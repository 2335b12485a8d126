import type { EntityManager } from '@mikro-orm/postgresql';
import type pg from 'pg';
import type { ChannelName } from '../channel/channel.js';
import { AppError } from '../errors.js';
import type { TimeZoneList, TimeZones } from '../graphql/time-zones.js';
import type { UserError } from '../graphql/user-error.js';
import { callersPlaces, type PlaceOf, warnOfAudience } from './audience.inputs.js';
import { editedFields, fieldsOf } from './edit-mailing.js';
import { forecastMailing } from './forecast.js';
import { MailingForecast } from './forecast.payload.js';
import { type MailingFields, type MailingInput, parseMailingChanges, parseNewMailing } from './mailing.inputs.js';
import { MailingStatus } from './mailing.js';
import { checkEditable, checkMailing, checkTimeLeft } from './mailing-rules.js';
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
const UNDER_WAY: readonly MailingStatus[] = [MailingStatus.RUNNING, MailingStatus.PAUSED];

/** What a forecast is of. */
interface Asked {
  fields: MailingFields;
  /** The mailing whose rest it is; null: a whole one. */
  restOf: string | null;
}

/**
 * What would become of a mailing like this, or of the rest of one that is under way.
 *
 * @param input the mailing; with `id`, what is to be different of that one
 * @param id of a mailing that is not over; null: of none
 * @throws AppError BAD_USER_INPUT that names the field; NOT_FOUND; CONFLICT when it is over, or on a field that is frozen
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
  const { fields, restOf } =
    id == null ? newMailing(parts, input, zones, now) : await changedMailing(em, id, input, zones);
  const timeout = timeoutMs(fields.channel);
  checkMailing(fields, timeout);
  checkTimeLeft(fields, now, timeout);
  const limit = settingsLimit(fields.channel);
  const found = await forecastMailing(pool, fields, { now, timeoutMs: timeout, settingsLimit: limit, restOf });
  const forecast = new MailingForecast(found);
  if (restOf !== null) return { forecast, warnings: [] };
  const warnings = await warnOfAudience(pool, fields.filter, forecast.audienceCount, placesIn(input, zones));
  return { forecast, warnings };
}

/** Whom it reaches and when depends on neither name nor text. */
function newMailing(parts: ForecastParts, input: MailingInput, zones: TimeZoneList, now: Date): Asked {
  const whole = { ...input, name: input.name ?? 'forecast', text: input.text ?? 'forecast' };
  const fields = parseNewMailing(whole, zones, parts.defaultChannel);
  return { fields: { ...fields, startsAt: fields.startsAt ?? now }, restOf: null };
}

/** @throws AppError NOT_FOUND; CONFLICT when it is over, as its progress tells what became of it, or on a field that is frozen */
async function changedMailing(em: EntityManager, id: string, input: MailingInput, zones: TimeZoneList): Promise<Asked> {
  const mailing = await findMailing(em, id);
  const { status } = mailing;
  const isUnderWay = UNDER_WAY.includes(status);
  if (!isUnderWay && !NOT_LAUNCHED.includes(status)) {
    throw new AppError('CONFLICT', `This mailing is ${status}: its progress tells what became of it.`, 'id');
  }
  const { revision: _, ...changes } = parseMailingChanges(input, zones);
  checkEditable(status, editedFields(mailing, changes));
  return { fields: { ...fieldsOf(mailing), ...changes }, restOf: isUnderWay ? mailing.id : null };
}

/** Where the caller wrote a value of the filter; else its place in the stored one. */
function placesIn({ filter }: MailingInput, zones: TimeZoneList): PlaceOf {
  return filter == null ? (_, at) => at : callersPlaces(filter, zones);
}
