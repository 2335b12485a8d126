import { expect, it } from 'vitest';
import { nameGroups, toCsv } from './groups.js';

const messages = { total: 6, sent: 1, failed: 1, expired: 1, cancelled: 1, unknown: 1, open: 1 };
const names = { none: 'without', status: (key: string) => `status ${key}` };

it('names groups by what they are groups of', () => {
  const label = (
    by: Parameters<typeof nameGroups>[1],
    key: string | null,
    mailing: { id: string; name: string } | null = null,
  ) => nameGroups([{ key, mailing, messages }], by, names)[0]?.label;
  expect(label('TAG', null)).toBe('without');
  expect(label('STATUS', 'SENT')).toBe('status SENT');
  expect(label('MAILING', '7', { id: '7', name: 'Sale' })).toBe('Sale');
  expect(label('OPERATOR', '916')).toBe('916');
});

it('writes what is shown as CSV that no spreadsheet takes for a formula', () => {
  const rows = nameGroups(
    [
      { key: '=1+1', mailing: null, messages },
      { key: 'a "b", c', mailing: null, messages },
    ],
    'TAG',
    names,
  );
  expect(toCsv(['Tag', 'Total'], rows)).toBe(`Tag,Total\r\n'=1+1,6,1,1,1,1,1,1\r\n"a ""b"", c",6,1,1,1,1,1,1\r\n`);
});

it('shows all hours of the day, also those in which there was nothing', () => {
  const rows = nameGroups(
    [
      { key: '09', mailing: null, messages },
      { key: null, mailing: null, messages },
    ],
    'HOUR',
    names,
  );
  expect(rows.map(({ label }) => label)).toEqual([
    ...Array.from({ length: 24 }, (_, hour) => `${String(hour).padStart(2, '0')}:00`),
    'without',
  ]);
  expect(rows.filter(({ counts }) => counts.total > 0).map(({ label }) => label)).toEqual(['09:00', 'without']);
  expect(nameGroups([], 'HOUR', names)).toEqual([]);
});
