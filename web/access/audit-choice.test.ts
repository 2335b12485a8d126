import { expect, it } from 'vitest';
import { askedFor, readChoice, subjectAddress, writeChoice } from './audit-choice.js';

it('asks for everything where the address says nothing', () => {
  expect(askedFor(readChoice(new URLSearchParams()))).toBeNull();
});

it('finds in the address what was chosen, and asks for just that', () => {
  const choice = {
    actor: 'user:a@b.de',
    action: 'mailingStart',
    kind: 'mailing',
    subject: '12',
    from: '',
    to: '2026-11-21',
  };
  const found = readChoice(new URLSearchParams(writeChoice(choice).toString()));
  expect(found).toEqual(choice);
  expect(askedFor(found)).toEqual({
    actor: 'user:a@b.de',
    action: 'mailingStart',
    subjectKind: 'mailing',
    subjectId: '12',
    period: { to: new Date(2026, 10, 22).toISOString() },
  });
});

it('leads to what has a page', () => {
  expect(subjectAddress('mailing', '12')).toBe('/mailings/12');
  expect(subjectAddress('token', '12')).toBeNull();
  expect(subjectAddress('mailing', null)).toBeNull();
});
