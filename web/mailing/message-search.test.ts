import { describe, expect, it } from 'vitest';
import { codesOf, filterOf, phoneOf, readSearch, writeSearch } from './message-search.js';

const read = (address: string) => readSearch(new URLSearchParams(address));

describe('the search for messages in the address', () => {
  it('is read back as it was written, beside what else stands there', () => {
    const search = { statuses: ['SENT', 'FAILED'], codes: [503, 429], phone: '8 916', reason: 'a & b' } as const;
    const params = writeSearch(new URLSearchParams('tab=messages'), search);
    expect(params.get('tab')).toBe('messages');
    expect(readSearch(params)).toEqual(search);
    const none = { statuses: [], codes: [], phone: '', reason: '' };
    expect(String(writeSearch(params, none))).toBe('tab=messages');
  });

  it('leaves out what nobody can mean', () => {
    expect(read('status=SENT,LOST&code=503,9999,x')).toMatchObject({ statuses: ['SENT'], codes: [503] });
  });

  it('asks the API for what is set, and for a phone once it is whole', () => {
    expect(filterOf(read(''))).toBe(null);
    expect(filterOf(read('phone=8916&reason=%20'))).toBe(null);
    expect(filterOf(read('status=FAILED&code=400&phone=8 (916) 123-45-67&reason=refused'))).toEqual({
      statuses: ['FAILED'],
      gatewayCodes: [400],
      phone: '79161234567',
      reasonContains: 'refused',
    });
  });

  it.each([
    ['8 (916) 123-45-67', '79161234567'],
    ['+7 916 123 45 67', '79161234567'],
    ['9161234567', '79161234567'],
    ['916123456', null],
    ['791612345678', null],
  ])('takes the phone %s for %s', (text, phone) => {
    expect(phoneOf(text)).toBe(phone);
  });

  it('finds the codes in what was typed', () => {
    expect(codesOf('503, 429 503 12')).toEqual([503, 429]);
  });
});
