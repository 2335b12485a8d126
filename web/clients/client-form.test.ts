import { describe, expect, it } from 'vitest';
import { changedInput, formOf, isChanged, newInput } from './client-form.js';

const client = {
  phone: '79161234567',
  operatorCode: '916',
  tags: ['vip'],
  timeZone: 'Europe/Moscow',
  attributes: { name: 'Anna', bonus: 5, adult: true },
  optedOutAt: null,
  revision: 3,
};

describe('the form of a client', () => {
  it('sends only what was changed, with the revision that was looked at', () => {
    const form = formOf(client, 'UTC');
    expect(isChanged(form, client)).toBe(false);
    expect(changedInput({ ...form, tags: ['vip', 'new'], optedOut: true }, client)).toEqual({
      revision: 3,
      tags: ['vip', 'new'],
      optedOut: true,
    });
  });

  it('takes an operator code that was emptied for the one that the phone tells', () => {
    expect(changedInput({ ...formOf(client, 'UTC'), operatorCode: ' ' }, client)).toEqual({
      revision: 3,
      operatorCode: null,
    });
  });

  it('keeps numbers and truth values what they are, where they still read like that', () => {
    const attributes = [
      { name: 'name', value: '7' },
      { name: 'bonus', value: '12.5' },
      { name: 'adult', value: 'false' },
      { name: ' city ', value: 'Omsk' },
      { name: '', value: 'lost' },
      { name: 'empty', value: '' },
    ];
    expect(changedInput({ ...formOf(client, 'UTC'), attributes }, client).attributes).toEqual({
      name: '7',
      bonus: 12.5,
      adult: false,
      city: 'Omsk',
    });
    const words = [{ name: 'bonus', value: 'many' }];
    expect(changedInput({ ...formOf(client, 'UTC'), attributes: words }, client).attributes).toEqual({ bonus: 'many' });
  });

  it('makes a new client of what was filled in, in the zone of whoever writes unless another is chosen', () => {
    const form = { ...formOf(null, 'Asia/Omsk'), phone: ' 8 (916) 123-45-67 ' };
    expect(newInput(form)).toEqual({ phone: '8 (916) 123-45-67', tags: [], timeZone: 'Asia/Omsk', attributes: {} });
  });
});
