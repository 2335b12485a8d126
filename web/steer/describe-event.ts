import type { HistoryEventFragment } from '../generated/graphql.js';

/** One field that a step changed; what it was before is not always known. */
export interface Change {
  field: ChangedField;
  /** Undefined: not written down; null: nothing was set. */
  from: unknown;
  to: unknown;
}

/** Fields of the editor; the hours come as one. */
export type ChangedField =
  | 'name'
  | 'text'
  | 'filter'
  | 'startsAt'
  | 'endsAt'
  | 'hours'
  | 'weekdays'
  | 'rateLimit'
  | 'maxAttempts'
  | 'unknownOutcome'
  | 'channel';

const FIELDS: readonly ChangedField[] = [
  'name',
  'text',
  'filter',
  'startsAt',
  'endsAt',
  'hours',
  'weekdays',
  'rateLimit',
  'maxAttempts',
  'unknownOutcome',
  'channel',
];
/** Events carry these as they hold from that step on. */
const WRITTEN: readonly string[] = ['startsAt', 'endsAt', 'hours', 'weekdays', 'rateLimit'];

type Details = Record<string, unknown>;

/** What an edit changed. @param before details of the last step before it that has any; null: there is none, or it is not known */
export function changesOf(
  { kind, details }: Pick<HistoryEventFragment, 'kind' | 'details'>,
  before: Details | null,
): Change[] {
  if (kind !== 'EDITED') return [];
  const edited = new Set((Array.isArray(details['edited']) ? details['edited'] : []).map(nameOf));
  return FIELDS.filter((field) => edited.has(field)).map((field) =>
    WRITTEN.includes(field)
      ? { field, from: before ? readValue(before, field) : undefined, to: readValue(details, field) }
      : { field, from: undefined, to: undefined },
  );
}

/** Which mailing this one was made from; null: it is no copy. */
export function copyOf({ details }: Pick<HistoryEventFragment, 'details'>): string | null {
  return typeof details['copyOf'] === 'string' ? details['copyOf'] : null;
}

/** Completion writes down no details: then those from before go on. */
export function detailsAfter(
  { details }: Pick<HistoryEventFragment, 'details'>,
  before: Details | null,
): Details | null {
  return 'endsAt' in details ? details : before;
}

function nameOf(field: unknown): unknown {
  return field === 'allowedFrom' || field === 'allowedTo' ? 'hours' : field;
}

function readValue(details: Details, field: ChangedField): unknown {
  if (field !== 'hours') return details[field] ?? null;
  const { allowedFrom, allowedTo } = details;
  if (typeof allowedFrom !== 'string' || typeof allowedTo !== 'string') return null;
  return `${allowedFrom.slice(0, 5)}–${allowedTo.slice(0, 5)}`;
}

/** Who did something: a word of this room, and a name. */
export interface Doer {
  word: 'by.heliograph' | 'by.admin' | 'by.session' | 'by.user' | 'by.token' | 'by.jwt' | 'by.other';
  name: string;
}

const ALONE = { heliograph: 'by.heliograph', admin: 'by.admin', session: 'by.session' } as const;
const NAMED = { user: 'by.user', token: 'by.token', jwt: 'by.jwt' } as const;

/** `user:ann@example.org` is Ann, `token:shop` a program. */
export function doerOf(by: string): Doer {
  const [kind = '', ...rest] = by.split(':');
  if (rest.length > 0 && kind in NAMED) return { word: NAMED[kind as keyof typeof NAMED], name: rest.join(':') };
  return { word: ALONE[by as keyof typeof ALONE] ?? 'by.other', name: by };
}
