import { z } from 'zod';
import { AppError } from '../errors.js';

/** Everything that is wrong with an input at once. As an AppError it speaks of the first problem. */
export class InputError extends AppError {
  /** @param isWellFormed every value has the type and form it must have, and is wrong all the same: no such time zone */
  constructor(
    readonly problems: readonly [AppError, ...AppError[]],
    readonly isWellFormed = false,
  ) {
    super(problems[0].code, problems[0].message, problems[0].field);
  }
}

/** Names a problem may repeat. Other text of the caller's might be a phone number in the wrong place. */
const NAME = /^[\p{L}_][\p{L}\p{N}_]{0,63}$/u;

/**
 * Checks what came from outside.
 *
 * @param path where the value stands in what the caller sent: `filter`; fields of problems begin with it
 * @throws InputError with one problem for each wrong field; messages begin with the field and never repeat the value
 */
export function parseInput<S extends z.ZodType>(schema: S, value: unknown, path: readonly string[] = []): z.output<S> {
  const result = schema.safeParse(value, { error: explain });
  if (result.success) return result.data;
  const problems = result.error.issues.flatMap((issue) => describe(issue, path));
  // A text that is empty is blank as well: once is enough.
  const byField = new Map(problems.toReversed().map((each) => [each.field, each]));
  const isWellFormed = result.error.issues.every(({ code }) => code === 'custom');
  throw new InputError([...byField.values()].toReversed() as [AppError, ...AppError[]], isWellFormed);
}

/** Types that people have other words for than the library. */
const TYPES: Readonly<Record<string, string>> = { boolean: 'must be true or false', int: 'must be a whole number' };

/** What a rule without words of its own says of itself: they follow the name of the field. */
function explain(issue: z.core.$ZodRawIssue): string | undefined {
  switch (issue.code) {
    case 'invalid_type':
      if (issue.input == null) return 'is required';
      return TYPES[issue.expected] ?? `must be of type ${issue.expected}`;
    case 'invalid_value':
      return `must be one of ${issue.values.join(', ')}`;
    case 'too_small':
      if (isCounted(issue)) return issue.minimum === 1 ? 'must not be empty' : `must have at least ${amount(issue)}`;
      return `must be at least ${issue.minimum}`;
    case 'too_big':
      return isCounted(issue) ? `must have at most ${amount(issue)}` : `must be at most ${issue.maximum}`;
    default:
      return undefined;
  }
}

function isCounted({ origin }: { origin: string }): boolean {
  return origin === 'string' || origin === 'array';
}

function amount(issue: { origin: string; minimum?: number | bigint; maximum?: number | bigint }): string {
  return `${issue.minimum ?? issue.maximum} ${issue.origin === 'array' ? 'entries' : 'characters'}`;
}

function describe(issue: z.core.$ZodIssue, path: readonly string[]): AppError[] {
  const at = [...path, ...issue.path.map(String)];
  if (issue.code !== 'unrecognized_keys') return [problem(at, issue.message)];
  return issue.keys.map((key) => {
    if (NAME.test(key)) return problem([...at, key], 'is not known here');
    const field = at.join('.') || undefined;
    return new AppError('BAD_USER_INPUT', `A field${field ? ` of ${field}` : ''} is not known here.`, field);
  });
}

function problem(path: readonly string[], message: string): AppError {
  const field = path.join('.');
  return field === ''
    ? new AppError('BAD_USER_INPUT', `The body ${message}.`)
    : new AppError('BAD_USER_INPUT', `${field} ${message}.`, field);
}

/** Text that PostgreSQL can store and JSON can carry: no NUL, no half of a surrogate pair. */
export function cleanText(max: number): z.ZodString {
  return z
    .string()
    .min(1)
    .max(max)
    .refine((text) => text.isWellFormed() && !text.includes('\0'), 'must not contain NUL or half of a surrogate pair');
}

/** The same on one line: no control character at all, as in names and labels that stand in lists. */
export function cleanLine(max: number): z.ZodString {
  return cleanText(max).refine((text) => !/\p{Cc}/u.test(text), 'must not contain control characters');
}

/**
 * The same without what is white around it. What is nothing else has its form all the same: which characters are white is not
 * the same in all languages.
 */
export function trimmedLine(max: number) {
  return z
    .string()
    .min(1, 'must not be empty')
    .trim()
    .refine((text) => text !== '', 'must not be empty')
    .pipe(cleanLine(max))
    .meta({ minLength: 1, maxLength: max, pattern: '\\S' });
}

/** The greatest of PostgreSQL's `bigint`. */
export const MAX_BIGINT = 2n ** 63n - 1n;

/** True of what PostgreSQL's `bigint` can hold, written in decimals. */
export function isBigint(text: string): boolean {
  return /^-?\d{1,19}$/.test(text) && BigInt(text.replace('-', '')) <= MAX_BIGINT;
}

/**
 * An id as the caller gave it. One that cannot be an id is simply not there, like one that is free.
 *
 * @param what the thing it stands for, as a word in a sentence: `client`
 * @param field the argument it came in
 * @throws AppError NOT_FOUND on that field
 */
export function parseId(id: string, what: string, field = 'id'): string {
  if (!/^[1-9]/.test(id) || !isBigint(id)) throw notFound(what, field);
  return id;
}

/** There is nothing by this id, or no longer. */
export function notFound(what: string, field = 'id'): AppError {
  return new AppError('NOT_FOUND', `There is no ${what} with this id.`, field);
}
