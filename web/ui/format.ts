import { useTranslation } from 'react-i18next';
import type { Language } from '../i18n/i18n.js';

const UNITS: Record<Language, readonly [string, string, string, string]> = {
  en: ['d', 'h', 'min', 's'],
  ru: ['д', 'ч', 'мин', 'с'],
};

/** How numbers and times are written in one language. Moments are ISO 8601, shown in the reader's own zone unless another is given. */
export type Format = ReturnType<typeof createFormat>;

export function createFormat(language: Language) {
  const numbers = new Intl.NumberFormat(language);
  const tenths = new Intl.NumberFormat(language, { maximumFractionDigits: 1 });
  const moments = (timeZone?: string) =>
    new Intl.DateTimeFormat(language, { ...MOMENT, ...(timeZone && { timeZone }) });
  const ownMoments = moments();
  const exact = new Intl.DateTimeFormat(language, { ...MOMENT, second: '2-digit' });
  const clock = new Intl.DateTimeFormat(language, {
    hour: '2-digit',
    minute: '2-digit',
    second: '2-digit',
    hourCycle: 'h23',
  });
  const days = new Intl.DateTimeFormat(language, { year: 'numeric', month: 'short', day: 'numeric' });
  const count = (value: number) => numbers.format(value);
  return {
    /** `10000` → `10,000` */
    count,
    /** At most one digit behind the point: a rate, a mean. */
    decimal: (value: number) => tenths.format(value),
    /** The zone is always named: `Nov 21, 2026, 14:05 GMT+3`. */
    moment: (at: string | number | Date, timeZone?: string) =>
      (timeZone ? moments(timeZone) : ownMoments).format(new Date(at)),
    /** To the second: `Nov 21, 2026, 14:05:09 GMT+3`. */
    exact: (at: string | number | Date) => exact.format(new Date(at)),
    /** `14:05:09`, of a moment of which the day is plain. */
    clock: (at: string | number | Date) => clock.format(new Date(at)),
    /** The day alone: `Nov 21, 2026`. */
    day: (at: string | number | Date) => days.format(new Date(at)),
    /** Two moments, the zone named: `Nov 21, 2026, 14:05 – 18:00 GMT+3`. */
    period: (from: string, to: string) => ownMoments.formatRange(new Date(from), new Date(to)),
    /** In its two largest units: `8 s`, `3 min 20 s`, `2 h 5 min`, `3 d 4 h`. Milliseconds; negative ones count as nothing. */
    duration: (milliseconds: number) => duration(milliseconds, UNITS[language], count),
    /** Says 100 % and 0 % only when it is so: `99.9 %` for 9,999 of 10,000. */
    share: (part: number, whole: number) => share(part, whole, tenths),
  };
}

const MOMENT = {
  year: 'numeric',
  month: 'short',
  day: 'numeric',
  hour: '2-digit',
  minute: '2-digit',
  hourCycle: 'h23',
  timeZoneName: 'short',
} as const;

function duration(milliseconds: number, units: readonly string[], count: (value: number) => string): string {
  const seconds = Math.max(0, Math.ceil(milliseconds / 1_000));
  const amounts = [
    Math.floor(seconds / 86_400),
    Math.floor(seconds / 3_600) % 24,
    Math.floor(seconds / 60) % 60,
    seconds % 60,
  ];
  const first = amounts.findIndex((amount) => amount > 0);
  if (first === -1) return `0 ${units[3]}`;
  return amounts
    .map((amount, place) => ({ amount, text: `${count(amount)} ${units[place]}` }))
    .slice(first, first + 2)
    .filter(({ amount }) => amount > 0)
    .map(({ text }) => text)
    .join(' ');
}

function share(part: number, whole: number, tenths: Intl.NumberFormat): string {
  if (whole === 0 || part === 0) return '0 %';
  if (part === whole) return '100 %';
  return `${tenths.format(Math.min(99.9, Math.max(0.1, (part / whole) * 100)))} %`;
}

/** Made once: the browser takes a while to make one, and each line of a list asks for it. */
const formats = new Map<string, Format>();

/** In the language of the moment. */
export function useFormat(): Format {
  const { language } = useTranslation().i18n;
  const known = formats.get(language) ?? createFormat(language as Language);
  formats.set(language, known);
  return known;
}
