import { describe, expect, it } from 'vitest';
import { countSms } from './sms-segments.js';

const of = (text: string) => {
  const { encoding, segments, left } = countSms(text);
  return [encoding, segments, left];
};

describe('how many SMS a text takes', () => {
  it.each<[what: string, text: string, encoding: string, segments: number, left: number]>([
    ['no text', '', 'GSM-7', 1, 160],
    ['what just fits into one', 'a'.repeat(160), 'GSM-7', 1, 0],
    ['one more, so that each part loses seven to its header', 'a'.repeat(161), 'GSM-7', 2, 145],
    ['what just fits into two parts', 'a'.repeat(306), 'GSM-7', 2, 0],
    ['one more than that', 'a'.repeat(307), 'GSM-7', 3, 152],
    ['Russian that just fits', 'я'.repeat(70), 'UCS-2', 1, 0],
    ['Russian in two parts', 'я'.repeat(71), 'UCS-2', 2, 63],
    ['Russian in three', 'я'.repeat(135), 'UCS-2', 3, 66],
    ['a single wide character among many', `${'a'.repeat(70)}я`, 'UCS-2', 2, 63],
    ['Greek capitals and accents of the alphabet', 'ΔΦΓΛΩΠΨΣΘΞ èéùìò ÄÖÑÜ §¿ äöñüà', 'GSM-7', 1, 130],
    ['a small ç, of which the alphabet has only the capital', 'ç', 'UCS-2', 1, 69],
  ])('%s', (_, text, encoding, segments, left) => {
    expect(of(text)).toEqual([encoding, segments, left]);
  });

  it('counts characters of the extension table twice', () => {
    expect(of('€'.repeat(80))).toEqual(['GSM-7', 1, 0]);
    expect(of('€'.repeat(81))).toEqual(['GSM-7', 2, 153 - 5 * 2]);
    for (const one of '^{}\\[~]|€\f') expect(countSms(one).units).toBe(2);
  });

  it('never parts an escape from what it escapes, nor an emoji in two', () => {
    // The 153rd place of the first part stays empty.
    expect(of(`${'a'.repeat(152)}€${'a'.repeat(152)}`)).toEqual(['GSM-7', 3, 152]);
    expect(of(`${'я'.repeat(66)}😀${'я'.repeat(65)}`)).toEqual(['UCS-2', 2, 0]);
    expect(of(`${'я'.repeat(66)}😀${'я'.repeat(66)}`)).toEqual(['UCS-2', 3, 66]);
  });

  it('names what makes a text wide', () => {
    expect(countSms('Приз — 100 €! – да').wide.slice(0, 4)).toEqual(['П', 'р', 'и', 'з']);
    expect(countSms('“quoted” – well').wide).toEqual(['“', '”', '–']);
    expect(countSms('plain €').wide).toEqual([]);
  });
});
