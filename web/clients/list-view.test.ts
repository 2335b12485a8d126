import { describe, expect, it } from 'vitest';
import { exportAddress, isFiltered, phonePart, readView, viewParameters } from './list-view.js';

const read = (query: string, mayPhones = true) => readView(new URLSearchParams(query), mayPhones);

describe('the address of the list of clients', () => {
  it('says the whole view, and is read as it was written', () => {
    const view = {
      filter: {
        phoneContains: '4567',
        operatorCodes: ['916', '926'],
        tagsAll: ['vip & co'],
        timeZones: ['Asia/Omsk'],
        optedOut: false,
      },
      orderBy: 'PHONE',
    } as const;
    expect(
      read(
        viewParameters({
          ...view,
          filter: { ...view.filter, operatorCodes: ['916', '926'], tagsAll: ['vip & co'], timeZones: ['Asia/Omsk'] },
        }).toString(),
      ),
    ).toEqual(view);
  });

  it('may be anything that somebody typed', () => {
    expect(read('phoneContains=ab&tagsAny=&optedOut=perhaps&orderBy=RANDOM')).toEqual({
      filter: {},
      orderBy: 'NEWEST',
    });
  });

  it('looks for no phone and sorts by none for those who may not see them', () => {
    expect(read('phoneContains=4567&orderBy=PHONE&tagsAny=vip', false)).toEqual({
      filter: { tagsAny: ['vip'] },
      orderBy: 'NEWEST',
    });
  });

  it('leads to a file of the same clients', () => {
    expect(exportAddress({ tagsAny: ['a;b', 'c'], optedOut: true })).toBe(
      '/api/v1/clients.csv?tagsAny=a%3Bb&tagsAny=c&optedOut=true&bom=true',
    );
    expect([isFiltered({}), isFiltered({ tagsAny: [] }), isFiltered({ optedOut: false })]).toEqual([
      false,
      false,
      true,
    ]);
  });

  it.each([
    ['12', null],
    ['45-67', '4567'],
    ['8 (916) 123-45-67', '89161234567'],
    ['123456789012', null],
  ])('takes %j for the part %j of a phone', (typed, part) => {
    expect(phonePart(typed)).toBe(part);
  });
});
