import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { headBytes, readHead } from './file-head.js';

const utf8 = (text: string) => new TextEncoder().encode(text);

describe('the head of a file', () => {
  it('shows the columns and the first records of our example', () => {
    const head = readHead(readFileSync(new URL('./example.csv', import.meta.url)));
    expect(head).toMatchObject({ encoding: 'utf-8', delimiter: 'comma' });
    expect(head.header).toEqual(['phone', 'tags', 'time_zone', 'name', 'city', 'bonus']);
    expect(head.rows).toHaveLength(6);
    expect(head.rows[0]).toEqual(['79160009001', 'vip;newsletter', 'Europe/Moscow', 'Anna', 'Moscow', '250']);
  });

  it.each([
    ['windows-1251', Uint8Array.from([0xd2, 0xe5, 0xeb, 0x3b, 0x61])],
    ['utf-16le', Uint8Array.from(Buffer.from('\uFEFFТел;a', 'utf16le'))],
    ['utf-16le', Uint8Array.from(Buffer.from('phone;a', 'utf16le'))],
    ['utf-8', utf8('\uFEFFТел;a')],
  ] as const)('is read as %s where its bytes say so', (encoding, bytes) => {
    const head = readHead(bytes);
    expect(head).toMatchObject({ encoding, delimiter: 'semicolon' });
    expect([
      ['Тел', 'a'],
      ['phone', 'a'],
    ]).toContainEqual(head.header);
  });

  it('is read otherwise where somebody knows better', () => {
    expect(readHead(utf8('a;b,c\n1;2,3'), { delimiter: 'comma' }).header).toEqual(['a;b', 'c']);
    expect(readHead(utf8('имя'), { encoding: 'windows-1251' }).header).not.toEqual(['имя']);
  });

  it('keeps quoted cells whole, with line ends and doubled quotes, and passes over empty lines', () => {
    const { rows } = readHead(utf8('a,b\r\n\r\n"x, ""y""\nz", 2 \r\n,\r\nlast,'));
    expect(rows).toEqual([
      ['x, "y"\nz', '2'],
      ['last', ''],
    ]);
  });

  it('is all that is read of a large file, and a quote that is never closed spoils its own line only', async () => {
    expect(await headBytes(new Blob([new Uint8Array(1_000_000)]))).toHaveLength(65_536);
    expect(readHead(utf8('a,b\n1,2\n"open,3\n4,5')).rows).toEqual([
      ['1', '2'],
      ['"open', '3'],
      ['4', '5'],
    ]);
    expect(readHead(new Uint8Array()).header).toEqual([]);
  });
});
