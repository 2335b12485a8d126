import { appendFileSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { Ledger } from './ledger.js';

const dir = mkdtempSync(join(tmpdir(), 'heliograph-ledger-'));
const file = join(dir, 'ledger.jsonl');
afterAll(() => rmSync(dir, { recursive: true }));

function open(...lines: string[]): Ledger {
  writeFileSync(file, lines.join(''));
  return new Ledger(file);
}

const arrival = (seq: number, more = '') =>
  `{"seq":${seq},"id":${100 + seq},"phone":79000000001,"hash":"${'h'.repeat(22)}${more}","at":1795248000123.456`;
const request = (seq: number, more = '') =>
  `${arrival(seq, more)},"status":200,"code":0,"accepted":true,"complete":true}\n`;
/** What the simulator does not write, and JSON allows. */
const spaced = (line: string) => line.replaceAll(',', ' , ');

const ids = (ledger: Ledger) => Array.from({ length: ledger.size }, (_, n) => ledger.ids.id(ledger.of.at(n)));

describe('the ledger of a gateway', () => {
  it('is read alike in whichever form its lines are', async () => {
    const ledger = open(request(1), spaced(request(2)), request(3), spaced(request(4)));
    await ledger.read();
    expect(ids(ledger)).toEqual([101, 102, 103, 104]);
    expect([0, 1, 2, 3].map((n) => [ledger.seq.at(n), ledger.arrival.at(n), ledger.bits.at(n)])).toEqual(
      [1, 2, 3, 4].map((seq) => [seq, 1795248000123.456, 1]),
    );
    expect([0, 1, 2, 3].map((n) => ledger.isAlwaysTo(n, 79000000001) && !ledger.hasSeveralPayloads(n))).not.toContain(
      false,
    );
  });

  it('may grow: each look reads what is new, a line that is still being written only once it is whole', async () => {
    const ledger = open(request(1), request(2).slice(0, 30));
    await ledger.read();
    expect(ids(ledger)).toEqual([101]);
    appendFileSync(file, request(2).slice(30) + request(3));
    await ledger.read(request(1).length + request(2).length);
    expect(ids(ledger)).toEqual([101, 102]);
    await ledger.read(10);
    await ledger.read();
    await ledger.read();
    expect(ids(ledger)).toEqual([101, 102, 103]);
  });

  it('may have lines longer than what is read at once', async () => {
    const long = 'x'.repeat(5 << 20);
    const ledger = open(request(1), request(2, long), request(3), request(2, long), request(2));
    await ledger.read();
    expect(ids(ledger)).toEqual([101, 102, 103, 102, 102]);
    expect(ledger.hasSeveralPayloads(1)).toBe(true);
  });

  it.each([
    ['no JSON', arrival(1)],
    ['no number', request(1).replace('"seq":1', '"seq":0').trimEnd()],
    ['an id that is none', request(1).replace('"id":101', '"id":0').trimEnd()],
    ['an answer to nothing', '{"seq":9,"status":200,"code":0,"accepted":true,"complete":true}'],
    ['an empty line', ''],
  ])('is none with %s on a line, which it names', async (_what, wrong) => {
    const lines = Array.from({ length: 20_000 }, (_, n) => request(n + 10));
    const ledger = open(...lines, `${wrong}\n`, request(2));
    await expect(ledger.read()).rejects.toThrow('line 20001: ');
  });
});
