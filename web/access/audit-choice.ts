import type { AuditFilterInput } from '../generated/graphql.js';
import { readDay, wholeDays } from '../ui/days.js';

/** Which rows of the audit log are looked at, as the address has it; empty: any. */
export const FIELDS = ['actor', 'action', 'kind', 'subject', 'from', 'to'] as const;
export type AuditChoice = Record<(typeof FIELDS)[number], string>;

export function readChoice(params: URLSearchParams): AuditChoice {
  const read = (field: string) => (params.get(field) ?? '').slice(0, 200);
  return {
    actor: read('actor'),
    action: read('action'),
    kind: read('kind'),
    subject: read('subject'),
    from: readDay(params.get('from')),
    to: readDay(params.get('to')),
  };
}

/** What is empty is left out of the address. */
export function writeChoice(choice: AuditChoice): URLSearchParams {
  return new URLSearchParams(FIELDS.map((field) => [field, choice[field]]).filter(([, value]) => value !== ''));
}

/** The same as the API wants it; null: everything. */
export function askedFor({ actor, action, kind, subject, from, to }: AuditChoice): AuditFilterInput | null {
  const period = wholeDays(from, to);
  const filter = {
    ...(actor.trim() && { actor: actor.trim() }),
    ...(action && { action }),
    ...(kind && { subjectKind: kind }),
    ...(subject.trim() && { subjectId: subject.trim() }),
    ...(period && { period }),
  };
  return Object.keys(filter).length > 0 ? filter : null;
}

/** Where that thing is shown, if it has a page of its own. */
export function subjectAddress(kind: string | null | undefined, id: string | null | undefined): string | null {
  if (!id) return null;
  if (kind === 'mailing' || kind === 'client') return `/${kind}s/${id}`;
  return null;
}
