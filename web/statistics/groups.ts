import type { StatisticsGroupBy, StatisticsQuery } from '../generated/graphql.js';
import { COUNT_PARTS } from '../ui/count-parts.js';

type Group = NonNullable<StatisticsQuery['statistics']['groups']>[number];

/** A row of the table and a bar of the chart. */
export interface Shown {
  id: string;
  label: string;
  /** Of a mailing: where it is. */
  href: string | null;
  counts: Group['messages'];
}

/** How a key is said. */
export interface Names {
  /** Of messages that have none of it. */
  none: string;
  status: (key: string) => string;
}

/** What each group is called. */
export function nameGroups(groups: readonly Group[], by: StatisticsGroupBy, names: Names): Shown[] {
  return (by === 'HOUR' ? wholeDay(groups) : groups).map(({ key, mailing, messages }) => ({
    id: key ?? '',
    label: labelOf(key ?? null, by, names, mailing?.name),
    href: mailing ? `/mailings/${mailing.id}` : null,
    counts: messages,
  }));
}

const NOTHING = { total: 0, sent: 0, failed: 0, expired: 0, cancelled: 0, unknown: 0, open: 0 };

/** With the hours in which there was nothing, or a chart would show noon beside midnight. */
function wholeDay(groups: readonly Group[]): Group[] {
  if (groups.length === 0) return [];
  const hours = Array.from({ length: 24 }, (_, hour) => String(hour).padStart(2, '0'));
  const known = hours.map(
    (key) => groups.find((group) => group.key === key) ?? { key, mailing: null, messages: NOTHING },
  );
  return [...known, ...groups.filter(({ key }) => key == null)];
}

function labelOf(key: string | null, by: StatisticsGroupBy, names: Names, mailing: string | undefined): string {
  if (key === null) return names.none;
  if (by === 'STATUS') return names.status(key);
  if (by === 'HOUR') return `${key}:00`;
  return mailing ?? key;
}

/** A file with what is shown, for spreadsheets (RFC 4180): a cell that they would take for a formula begins with a quote. */
export function toCsv(head: readonly string[], rows: readonly Shown[]): string {
  const lines = [
    head,
    ...rows.map(({ label, counts }) => [label, counts.total, ...COUNT_PARTS.map((part) => counts[part])]),
  ];
  return lines.map((line) => `${line.map(cell).join(',')}\r\n`).join('');
}

function cell(value: string | number): string {
  const text = typeof value === 'string' && /^[=+\-@\t\r]/.test(value) ? `'${value}` : String(value);
  return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}
