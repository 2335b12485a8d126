import type { ForeseenFragment, SteeredMailingFragment } from '../generated/graphql.js';
import type { Format } from '../ui/format.js';
import type en from './en.json';
import type { LocalMoment } from './local-moment.js';
import type { Step } from './possible-steps.js';

/** A plural's words are asked for without its form. */
type Base<Word> = Word extends `${infer Start}_${'one' | 'other'}` ? Start : Word;
type Happening = Extract<Base<keyof typeof en>, `will.${string}`>;

/** One sentence about what will happen: words of this room, and what stands in them. */
export interface Sentence {
  word: Happening;
  values?: Record<string, string | number>;
  /** A person should think twice. */
  isWarning?: true;
}

/** What is known when a step is about to be taken. */
export interface Prospect {
  mailing: Pick<
    SteeredMailingFragment,
    'status' | 'startsAt' | 'endsAt' | 'launchedAt' | 'rateLimit' | 'progress' | 'filter'
  >;
  /** Of what is not launched yet, for `schedule` and `start`; null: not asked for. */
  forecast: ForeseenFragment | null;
  /** How many the filter matches, for `cancel` and `delete` of what is not launched; null: not asked for. */
  audience: number | null;
  /** All sending is stopped. */
  isStopped: boolean;
  /** ms */
  now: number;
}

/** ms; what is nearer than this is "at once". */
const AT_ONCE = 30_000;

/** What a step will do to whom, with the figures of the moment, the most important first. */
export function whatHappens(step: Step, prospect: Prospect, format: Format, local: LocalMoment): Sentence[] {
  return SENTENCES[step](prospect, format, local);
}

type Telling = (prospect: Prospect, format: Format, local: LocalMoment) => Sentence[];

const SENTENCES: Record<Step, Telling> = {
  schedule: (prospect, format, local) => [...reach(prospect, format, local), ...byItself(prospect, format)],
  start: (prospect, format, local) => [...reach(prospect, format, local), ...frozen(prospect)],
  pause: ({ mailing: { progress, endsAt } }, { count, moment }) => [
    inFlight(progress.sending, count),
    plural('will.hold', Math.max(0, progress.open - progress.sending), count),
    { word: 'will.endCounts', values: { at: moment(endsAt) } },
  ],
  resume: (prospect, format) => [...goesOn(prospect, format), ...stopped(prospect)],
  cancel: (prospect, format) =>
    prospect.mailing.launchedAt === null
      ? [plural('will.notStart', prospect.audience ?? 0, format.count)]
      : endsForGood(prospect, format),
  delete: (prospect, { count }) =>
    prospect.mailing.launchedAt === null
      ? [plural('will.notStart', prospect.audience ?? 0, count), { word: 'will.hideDraft' }]
      : [plural('will.hide', prospect.mailing.progress.total, count), { word: 'will.noWayBack', isWarning: true }],
};

function plural(word: Happening, of: number, count: Format['count'], more: Sentence['values'] = {}): Sentence {
  return { word, values: { count: of, n: count(of), ...more } };
}

function inFlight(sending: number, count: Format['count']): Sentence {
  return sending === 0 ? { word: 'will.noneInFlight' } : plural('will.inFlight', sending, count);
}

/** A start that is over says nothing of what comes: it goes out at once. */
function byItself({ mailing: { startsAt }, now }: Prospect, { moment }: Format): Sentence[] {
  return Date.parse(startsAt) <= now ? [] : [{ word: 'will.byItself', values: { at: moment(startsAt) } }];
}

function stopped({ isStopped }: Prospect): Sentence[] {
  return isStopped ? [{ word: 'will.stopped', isWarning: true }] : [];
}

function frozen({ mailing }: Prospect): Sentence[] {
  return mailing.launchedAt === null ? [{ word: 'will.frozen' }] : [];
}

function endsForGood({ mailing: { progress } }: Prospect, { count }: Format): Sentence[] {
  return [
    plural('will.cut', Math.max(0, progress.open - progress.sending), count),
    inFlight(progress.sending, count),
    plural('will.haveIt', progress.sent, count),
    { word: 'will.copyGoesToAll', isWarning: true },
  ];
}

function goesOn({ mailing, now }: Prospect, { count, moment, duration }: Format): Sentence[] {
  const { progress, endsAt, rateLimit } = mailing;
  const left = Date.parse(endsAt) - now;
  if (left <= 0) return [{ ...plural('will.tooLate', progress.open, count, { at: moment(endsAt) }), isWarning: true }];
  const sentences = [plural('will.goOn', progress.open, count)];
  if (rateLimit !== null) {
    const needed = (progress.open / rateLimit) * 1_000;
    sentences.push({ word: 'will.takes', values: { rate: count(rateLimit), duration: duration(needed) } });
    const late = Math.floor(progress.open - (left / 1_000) * rateLimit);
    if (late > 0) {
      sentences.push({
        ...plural('will.lateByRate', late, count, { rate: count(rateLimit), at: moment(endsAt) }),
        isWarning: true,
      });
    }
  }
  sentences.push({ word: 'will.endCounts', values: { at: moment(endsAt) } });
  return sentences;
}

/** Whom a launch reaches, and when. */
function reach(prospect: Prospect, format: Format, local: LocalMoment): Sentence[] {
  const { forecast, mailing } = prospect;
  if (forecast === null) return [];
  const { count, moment } = format;
  if (forecast.audienceCount === 0) return [{ word: 'will.nobody', isWarning: true }];
  const sentences = [plural('will.reach', forecast.audienceCount, count), ...when(prospect, forecast, format, local)];
  const warn = (word: Happening, of: number, more: Sentence['values'] = {}) => {
    if (of > 0) sentences.push({ ...plural(word, of, count, more), isWarning: true });
  };
  const end = { at: moment(mailing.endsAt) };
  if (forecast.limitedBy === 'RATE') {
    warn('will.lateByRate', forecast.expiredCount, { ...end, rate: count(forecast.rateLimit ?? 0) });
  } else {
    warn('will.lateByWindow', forecast.expiredCount, { ...end, where: hardestZone(forecast) });
  }
  warn('will.noZone', forecast.failedCount);
  warn('will.undecided', forecast.undecidedCount);
  return [...sentences, ...stopped(prospect)];
}

/** Each moment as it is on the clocks of those who get it then: of several zones that of the most people, which comes first. */
function when({ now }: Prospect, forecast: ForeseenFragment, { count }: Format, local: LocalMoment): Sentence[] {
  const { firstSendAt, lastSendAt, rateLimit, timeZones } = forecast;
  if (firstSendAt === null || lastSendAt === null) return [];
  const zoned = timeZones.filter((zone) => zone.sentCount > 0);
  const first = zoned.find((zone) => zone.firstSendAt === firstSendAt)?.timeZone ?? zoned[0]?.timeZone ?? 'UTC';
  const atOnce = Date.parse(firstSendAt) - now < AT_ONCE;
  const sentences: Sentence[] = [
    atOnce ? { word: 'will.firstAtOnce' } : { word: 'will.first', values: { at: local(firstSendAt, first) } },
  ];
  if (Date.parse(lastSendAt) - Date.parse(firstSendAt) > AT_ONCE) {
    const last = zoned.find((zone) => zone.lastSendAt === lastSendAt)?.timeZone ?? first;
    sentences.push({ word: 'will.last', values: { at: local(lastSendAt, last) } });
  }
  if (rateLimit !== null) sentences.push({ word: 'will.rate', values: { rate: count(rateLimit) } });
  return sentences;
}

/** The zone from which the most are not reached. */
function hardestZone({ timeZones }: ForeseenFragment): string {
  return timeZones.toSorted((a, b) => b.expiredCount - a.expiredCount)[0]?.timeZone ?? '';
}
