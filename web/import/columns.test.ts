import { describe, expect, it } from 'vitest';
import { attributeName, type Column, guessColumns, hasNoHeader, mapping, problemsOf } from './columns.js';

const usesOf = (columns: readonly Column[]) => columns.map(({ use }) => use);

describe('the columns of a file', () => {
  it.each([
    [
      ['phone', 'Tag', 'Time Zone', 'operator-code', 'id', 'name'],
      ['phone', 'tags', 'time_zone', 'operator_code', '-', 'attribute'],
    ],
    [
      ['Телефон', 'Метки', 'Часовой пояс', 'Имя', ''],
      ['phone', 'tags', 'time_zone', 'attribute', '-'],
    ],
    [
      ['Phone number', 'Labels', 'TZ'],
      ['phone', 'tags', 'time_zone'],
    ],
  ])('%j are taken for %j', (header, uses) => {
    expect(usesOf(guessColumns(header, []))).toEqual(uses);
  });

  it('have the phone where phones stand, if no name tells', () => {
    const rows = [
      ['1', '8 (916) 123-45-67', 'Anna'],
      ['2', '+79161234568', 'Ivan'],
    ];
    expect(usesOf(guessColumns(['n', 'contact', 'who'], rows))).toEqual(['attribute', 'phone', 'attribute']);
    expect(usesOf(guessColumns(['n', 'contact', 'who'], [...rows, ['3', '', '']]))).not.toContain('phone');
  });

  it('are named to the server only where their own names do not tell', () => {
    const columns = guessColumns(
      ['phone', 'Time zone', 'name', 'First name', 'Телефон 2', 'Labels', 'id', 'attributes.tag'],
      [],
    );
    expect(mapping(columns)).toEqual([
      'First name:attributes.First_name',
      'Телефон 2:attributes.Телефон_2',
      'Labels:tags',
    ]);
    expect(
      mapping([
        { header: 'a:b', use: '-', name: 'a_b' },
        { header: 'tag', use: 'attribute', name: 'tag' },
      ]),
    ).toEqual(['a:b:-', 'tag:attributes.tag']);
  });

  it('are not enough without a phone, or a zone that nobody said, and too many with two of one kind', () => {
    const columns = guessColumns(['mobile', 'tel', 'name', 'Name!'], []);
    expect(problemsOf(columns, null)).toEqual(['noZone', 'twice']);
    expect(problemsOf(guessColumns(['name'], []), 'UTC')).toEqual(['noPhone']);
    expect(
      problemsOf(
        [
          { header: 'x', use: 'attribute', name: '1x' },
          { header: 'phone', use: 'phone', name: 'phone' },
        ],
        'UTC',
      ),
    ).toEqual(['badName']);
    expect(problemsOf(guessColumns(['phone', 'name'], []), 'UTC')).toEqual([]);
  });

  it('are missing where the first line is a client already', () => {
    expect(hasNoHeader(['79161234567', 'Anna'])).toBe(true);
    expect(hasNoHeader(['phone', 'name'])).toBe(false);
  });

  it.each([
    ['First name', 'First_name'],
    ['2nd  e-mail!', 'nd_e_mail'],
    ['Город', 'Город'],
  ])('%j can be used in texts as %j', (header, name) => {
    expect(attributeName(header)).toBe(name);
  });
});
