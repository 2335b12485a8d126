import type { EditedMailingFragment, MailingInput } from '../generated/graphql.js';
import { localOf, momentOf } from './zoned-time.js';

/** What the form holds. Times of day are `HH:MM`, moments as a `datetime-local` input has them, by the clocks of `zone`. */
export interface EditorValues {
  name: string;
  text: string;
  tagsAny: string[];
  tagsAll: string[];
  operatorCodes: string[];
  timeZones: string[];
  startMode: 'now' | 'at';
  startsAt: string;
  endsAt: string;
  zone: string;
  /** Only within the hours below, of each client's own clock. */
  windowed: boolean;
  allowedFrom: string;
  allowedTo: string;
  /** `1` (Monday) to `7`. */
  weekdays: string[];
  /** Empty: the server's own default. */
  channel: 'GATEWAY' | 'CONSOLE' | '';
  rateLimit: number | '';
  maxAttempts: number | '';
  unknownOutcome: 'RETRY' | 'NEVER_AGAIN';
}

const DAY = 86_400_000;
const HOUR = 3_600_000;
const EVERY_DAY = ['1', '2', '3', '4', '5', '6', '7'];

/** A new mailing as most are: to everybody, from now on for a day, at hours at which nobody minds. */
export function newValues(now: number, zone: string): EditorValues {
  return {
    name: '',
    text: '',
    tagsAny: [],
    tagsAll: [],
    operatorCodes: [],
    timeZones: [],
    startMode: 'now',
    startsAt: localOf(Math.ceil((now + 1) / HOUR) * HOUR, zone),
    endsAt: localOf(now + DAY, zone),
    zone,
    windowed: true,
    allowedFrom: '10:00',
    allowedTo: '20:00',
    weekdays: EVERY_DAY,
    channel: '',
    rateLimit: '',
    maxAttempts: '',
    unknownOutcome: 'RETRY',
  };
}

/** @param now a draft whose start is over starts now, unless another is chosen */
export function valuesOf(mailing: Omit<EditedMailingFragment, 'progress'>, zone: string, now: number): EditorValues {
  const { name, text, filter, status, allowedFrom, allowedTo, weekdays } = mailing;
  const { channel, rateLimit, maxAttempts, unknownOutcome } = mailing;
  const { tagsAny, tagsAll, operatorCodes, timeZones } = filter;
  const startsAt = Date.parse(mailing.startsAt);
  return {
    name,
    text,
    tagsAny,
    tagsAll,
    operatorCodes,
    timeZones,
    startMode: status === 'DRAFT' && startsAt <= now ? 'now' : 'at',
    startsAt: localOf(startsAt, zone),
    endsAt: localOf(Date.parse(mailing.endsAt), zone),
    zone,
    windowed: allowedFrom !== null,
    allowedFrom: allowedFrom?.slice(0, 5) ?? '10:00',
    allowedTo: allowedTo?.slice(0, 5) ?? '20:00',
    weekdays: weekdays?.map(String) ?? EVERY_DAY,
    channel,
    rateLimit: rateLimit ?? '',
    maxAttempts: maxAttempts ?? '',
    unknownOutcome,
  };
}

/** The parts of a mailing that a person decides about, each as the API has it. */
const PARTS = {
  name: ({ name }) => name.trim(),
  text: ({ text }) => text,
  filter: ({ tagsAny, tagsAll, operatorCodes, timeZones }) => ({ tagsAny, tagsAll, operatorCodes, timeZones }),
  startsAt: ({ startMode, startsAt, zone }) => (startMode === 'now' ? null : isoOf(startsAt, zone)),
  endsAt: ({ endsAt, zone }) => isoOf(endsAt, zone),
  allowedFrom: ({ windowed, allowedFrom }) => (windowed ? allowedFrom : null),
  allowedTo: ({ windowed, allowedTo }) => (windowed ? allowedTo : null),
  weekdays: ({ weekdays }) => (weekdays.length === 7 ? null : weekdays.map(Number).toSorted()),
  channel: ({ channel }) => (channel === '' ? null : channel),
  rateLimit: ({ rateLimit }) => (rateLimit === '' ? null : rateLimit),
  maxAttempts: ({ maxAttempts }) => (maxAttempts === '' ? null : maxAttempts),
  unknownOutcome: ({ unknownOutcome }) => unknownOutcome,
} satisfies { [part in keyof MailingInput]?: (values: EditorValues) => MailingInput[part] };

/** A part of a mailing that a person decides about. */
export type Part = keyof typeof PARTS;
export const PART_NAMES = Object.keys(PARTS) as Part[];

/** Which values of the form make up a part. */
export const VALUES_OF_PART: Record<Part, readonly (keyof EditorValues)[]> = {
  name: ['name'],
  text: ['text'],
  filter: ['tagsAny', 'tagsAll', 'operatorCodes', 'timeZones'],
  startsAt: ['startMode', 'startsAt'],
  endsAt: ['endsAt'],
  allowedFrom: ['windowed', 'allowedFrom'],
  allowedTo: ['windowed', 'allowedTo'],
  weekdays: ['weekdays'],
  channel: ['channel'],
  rateLimit: ['rateLimit'],
  maxAttempts: ['maxAttempts'],
  unknownOutcome: ['unknownOutcome'],
};

/** All of it, as the API takes it. A start of null is now. */
export function inputOf(values: EditorValues): Required<Pick<MailingInput, Part>> {
  return inputOfParts(values, PART_NAMES) as Required<Pick<MailingInput, Part>>;
}

export function inputOfParts(values: EditorValues, parts: readonly Part[]): MailingInput {
  return Object.fromEntries(parts.map((part) => [part, PARTS[part](values)]));
}

/** What differs. A moment that was only looked at by other clocks does not, though the form knows it to the minute only. */
export function changedParts(before: EditorValues, after: EditorValues): Part[] {
  return PART_NAMES.filter((part) => JSON.stringify(PARTS[part](before)) !== JSON.stringify(PARTS[part](after)));
}

function isoOf(local: string, zone: string): string | null {
  const moment = momentOf(local, zone);
  return moment === null ? null : new Date(moment).toISOString();
}

/** The same moments by the clocks of another zone. */
export function inZone(values: EditorValues, zone: string): EditorValues {
  const moved = (local: string) => {
    const moment = momentOf(local, values.zone);
    return moment === null ? local : localOf(moment, zone);
  };
  return { ...values, zone, startsAt: moved(values.startsAt), endsAt: moved(values.endsAt) };
}

/** When it begins, ms since the epoch. */
export function startOf(values: EditorValues, now: number): number | null {
  return values.startMode === 'now' ? now : momentOf(values.startsAt, values.zone);
}

/** Another start; the end keeps its distance. */
export function withStart(values: EditorValues, start: Pick<EditorValues, 'startMode' | 'startsAt'>, now: number) {
  const next = { ...values, ...start };
  const [before, after, end] = [startOf(values, now), startOf(next, now), momentOf(values.endsAt, values.zone)];
  if (before === null || after === null || end === null || end <= before) return next;
  return { ...next, endsAt: localOf(end + after - before, values.zone) };
}

/** An edit that was left long ago: one that starts now, and would be over, lasts a day from now. */
export function revived(values: EditorValues, now: number): EditorValues {
  const end = momentOf(values.endsAt, values.zone);
  const isOver = values.startMode === 'now' && end !== null && end <= now;
  return isOver ? { ...values, endsAt: localOf(now + DAY, values.zone) } : values;
}

/** The end moved by some time, ms. */
export function withEndMoved(values: EditorValues, by: number): EditorValues {
  const end = momentOf(values.endsAt, values.zone);
  return end === null ? values : { ...values, endsAt: localOf(end + by, values.zone) };
}

/** The field of the form that an error of the server's is about: `filter.tagsAny.0` → `tagsAny`; null: none in particular. */
export function fieldOf(path: string | null): keyof EditorValues | null {
  const names = (path ?? '').split('.');
  const name = names[0] === 'filter' ? (names[1] ?? 'tagsAny') : names[0];
  const known = PART_NAMES.flatMap((part) => VALUES_OF_PART[part]).find((field) => field === name);
  return known ?? null;
}
