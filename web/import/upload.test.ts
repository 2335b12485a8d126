import { describe, expect, it } from 'vitest';
import { importAddress, sentenceOf } from './upload.js';

const plan = {
  encoding: 'windows-1251',
  delimiter: 'semicolon',
  onConflict: 'merge',
  timeZone: 'Europe/Moscow',
  dryRun: true,
  columns: [{ header: 'Телефон', use: 'phone', name: 'Телефон' }],
} as const;

describe('the address a file is sent to', () => {
  it('says how it is to be read, and what is to be done with it', () => {
    const { pathname, searchParams } = new URL(importAddress(plan), 'http://localhost');
    expect(pathname).toBe('/api/v1/clients/import');
    expect(Object.fromEntries(searchParams)).toEqual({
      encoding: 'windows-1251',
      delimiter: 'semicolon',
      onConflict: 'merge',
      dryRun: 'true',
      timeZone: 'Europe/Moscow',
      map: 'Телефон:phone',
    });
    expect(importAddress({ ...plan, timeZone: null })).not.toContain('timeZone');
  });
});

describe('a refusal', () => {
  it.each([
    ['{"title":"Wrong","detail":"The file has no column \\"phone\\".","errors":[]}', 'The file has no column "phone".'],
    [
      '{"title":"Wrong","errors":[{"message":"map is wrong."},{"message":"timeZone too."}]}',
      'map is wrong. timeZone too.',
    ],
    ['<html>', 'The server answered with HTTP 502.'],
  ])('%s is shown as: %s', (body, sentence) => {
    expect(sentenceOf(body, 502)).toBe(sentence);
  });
});
