import { type EditorValues, type Part, startOf } from './form-values.js';
import { momentOf } from './zoned-time.js';

/** What is wrong with a field, as a word of this room. The server judges again, and says more. */
export type Problem =
  | 'error.name'
  | 'error.text'
  | 'error.moment'
  | 'error.endBeforeStart'
  | 'error.endIsOver'
  | 'error.time'
  | 'error.emptyWindow'
  | 'error.noDay'
  | 'error.rateLimit'
  | 'error.maxAttempts';

/** Messages a second, and attempts, as the server bounds them. */
const MAX_RATE = 1_000_000;
const MAX_ATTEMPTS = 1_000;

/**
 * What a person should mend before the server is asked.
 *
 * @param editable parts that may be changed; nothing is said of others
 * @param draft a draft may have an end that is over
 */
export function problemsOf(
  values: EditorValues,
  { now, editable, draft }: { now: number; editable: readonly Part[]; draft: boolean },
): Partial<Record<keyof EditorValues, Problem>> {
  const found: [Part, keyof EditorValues, Problem | null][] = [
    ['name', 'name', values.name.trim() === '' ? 'error.name' : null],
    ['text', 'text', values.text.trim() === '' ? 'error.text' : null],
    ['startsAt', 'startsAt', startOf(values, now) === null ? 'error.moment' : null],
    ['endsAt', 'endsAt', problemOfEnd(values, now, draft)],
    ['allowedFrom', 'allowedFrom', values.windowed && values.allowedFrom === '' ? 'error.time' : null],
    ['allowedTo', 'allowedTo', values.windowed ? problemOfWindow(values) : null],
    ['weekdays', 'weekdays', values.weekdays.length === 0 ? 'error.noDay' : null],
    ['rateLimit', 'rateLimit', isWithin(values.rateLimit, MAX_RATE) ? null : 'error.rateLimit'],
    ['maxAttempts', 'maxAttempts', isWithin(values.maxAttempts, MAX_ATTEMPTS) ? null : 'error.maxAttempts'],
  ];
  const told = found.filter(([part, , problem]) => problem !== null && editable.includes(part));
  return Object.fromEntries(told.map(([, field, problem]) => [field, problem]));
}

function problemOfEnd(values: EditorValues, now: number, draft: boolean): Problem | null {
  const [start, end] = [startOf(values, now), momentOf(values.endsAt, values.zone)];
  if (end === null) return 'error.moment';
  if (end <= now && !draft) return 'error.endIsOver';
  return start !== null && end <= start ? 'error.endBeforeStart' : null;
}

function problemOfWindow({ allowedFrom, allowedTo }: EditorValues): Problem | null {
  if (allowedTo === '') return 'error.time';
  return allowedFrom === allowedTo ? 'error.emptyWindow' : null;
}

function isWithin(value: number | '', most: number): boolean {
  return value === '' || (Number.isInteger(value) && value >= 1 && value <= most);
}
