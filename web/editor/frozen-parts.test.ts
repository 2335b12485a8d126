import { expect, it } from 'vitest';
import { newValues } from './form-values.js';
import { lostParts } from './frozen-parts.js';
import { takeParts } from './merge-edits.js';

const base = { ...newValues(Date.parse('2026-11-21T10:00:00Z'), 'UTC'), startMode: 'at' as const, text: 'Hello' };
const edited = { ...base, text: 'Good day', tagsAny: ['vip'], name: 'Sale', allowedTo: '21:00' };

it('an edit of a draft is lost in what freezes, once somebody else launches it', () => {
  expect(lostParts('DRAFT', base, edited)).toEqual([]);
  expect(lostParts('SCHEDULED', base, edited)).toEqual([]);
  expect(lostParts('RUNNING', base, edited)).toEqual(['text', 'filter']);
  expect(lostParts('CANCELLED', base, edited)).toEqual(['text', 'filter', 'allowedTo']);
});

it('what is lost can be taken back, and the rest of the edit stays', () => {
  const kept = takeParts(edited, base, lostParts('RUNNING', base, edited));
  expect(lostParts('RUNNING', base, kept)).toEqual([]);
  expect([kept.text, kept.name, kept.allowedTo]).toEqual(['Hello', 'Sale', '21:00']);
});
