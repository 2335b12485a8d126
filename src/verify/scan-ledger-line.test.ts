import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterAll, describe, expect, it } from 'vitest';
import { parseLedgerLine } from '../simulator/ledger-entry.js';
import { createSimulator } from '../simulator/simulator.js';
import { behave } from '../simulator/simulator-client.js';
import { askGateway } from '../testing/ask-gateway.js';
import { JsonCursor } from './json-cursor.js';
import { scanLedgerLine } from './scan-ledger-line.js';

const dir = mkdtempSync(join(tmpdir(), 'heliograph-ledger-'));
const ledgerFile = join(dir, 'ledger.jsonl');
afterAll(() => rmSync(dir, { recursive: true }));

/** @returns null when it left the line to JSON.parse */
function scan(text: string) {
  const bytes = Buffer.from(`${text}\n`, 'latin1');
  const cursor = new JsonCursor(bytes);
  const line = scanLedgerLine(cursor);
  if (line !== null) expect(cursor.position).toBe(bytes.length);
  return line;
}

const whole = fc.integer({ min: 1, max: Number.MAX_SAFE_INTEGER }).map(String);
const moment = fc
  .tuple(fc.nat(9_007_199_254_739), fc.stringMatching(/^(\.\d{1,3})?$/))
  .map(([whole, fraction]) => `${whole}${fraction}`);
const flag = fc.constantFrom('true', 'false');
const orNull = (text: fc.Arbitrary<string>) => fc.option(text, { nil: 'null' });
const hash = orNull(fc.stringMatching(/^"[ !#-[\]-~]{0,24}"$/));
const key = (name: string, value: fc.Arbitrary<string>) => value.map((text) => `"${name}":${text}`);
const perhaps = (name: string, value: fc.Arbitrary<string>) => fc.option(key(name, value), { nil: null, freq: 3 });

/** Keys and values as the simulator writes them, in its order. */
const pairs = fc
  .tuple(
    key('seq', whole),
    perhaps('id', orNull(whole)),
    perhaps('phone', orNull(whole)),
    perhaps('hash', hash),
    perhaps('at', moment),
    perhaps('answeredAt', moment),
    perhaps('status', orNull(whole)),
    perhaps('code', orNull(fc.oneof(whole, fc.constant('0')))),
    perhaps('accepted', flag),
    perhaps('complete', flag),
    perhaps('repeat', flag),
  )
  .map((all) => all.filter((pair) => pair !== null));
const lineOf = (all: readonly string[]) => `{${all.join(',')}}`;

/** What may stand somewhere in a line instead of what stood there, and leave it right or make it wrong. */
const scrap = fc.oneof(
  fc.constantFrom(
    '',
    '0',
    '1',
    '.',
    '0.',
    '-',
    '+',
    'e5',
    '"',
    '\\',
    '\\u0041',
    ' ',
    '\r',
    '\t',
    '\x7f',
    'é',
    ',',
    ':',
    '{',
    '}',
  ),
  fc.constantFrom('null', 'true', 'nul', 'falsee', '[]', ',"id":5', ',"x":1', '"seq":1,', '9007199254740992'),
  fc.stringMatching(/^\d{0,25}(\.\d{0,25})?$/),
);
const spoilt = fc
  .tuple(
    fc.oneof(
      pairs,
      pairs.chain((all) => fc.shuffledSubarray(all)),
    ),
    fc.nat(),
    fc.nat(5),
    scrap,
  )
  .map(([all, place, length, instead]) => {
    const text = lineOf(all);
    const at = place % text.length;
    return text.slice(0, at) + instead + text.slice(at + length);
  });

describe('a line of the ledger, read from its bytes', () => {
  it('says what JSON says it does', () => {
    const agree = (text: string) => {
      expect(scan(text)).toEqual(parseLedgerLine(text));
    };
    fc.assert(fc.property(pairs.map(lineOf), agree), { numRuns: 2_000 });
  });

  it('is left to JSON, or says the same, when something in it is otherwise', () => {
    const agree = (text: string) => {
      const line = scan(text);
      if (line !== null) expect(line).toEqual(parseLedgerLine(text));
    };
    fc.assert(fc.property(spoilt, agree), { numRuns: 10_000 });
  });

  it.each([
    ['a fraction that no double holds', '0.1'],
    ['the last digit of a microsecond', '1795248000123.457'],
    ['as many digits as a double holds', '9007199254740.991'],
    ['noughts behind the point', '0.0000000000000000000001'],
  ])('gives %s as JSON does', (_what, at) => {
    expect(scan(`{"seq":1,"at":${at}}`)?.at).toBe(JSON.parse(at));
  });

  it('is left to JSON when rounding may come twice: no double holds 10^23', () => {
    expect(scan(`{"seq":1,"at":0.${'0'.repeat(22)}1}`)).toBeNull();
    expect(scan('{"seq":1,"at":2,"heldSince":1.5}')).toEqual({ seq: 1, at: 2, heldSince: 1.5 });
  });

  it('is never left to JSON when a simulator wrote it', async () => {
    const simulator = await createSimulator({ ledgerFile });
    await askGateway(simulator.url, 7);
    await askGateway(simulator.url, 7);
    await askGateway(simulator.url, '9007199254740991', { body: 'no JSON' });
    await askGateway(simulator.url, 'no-id');
    await behave(simulator.controlUrl, { latency: { minMs: 1, maxMs: 1 }, outcomes: [{ outcome: 'slow', overMs: 1 }] });
    await askGateway(simulator.url, 8);
    await behave(simulator.controlUrl, { outcomes: [{ outcome: 'drop-before-reading' }] });
    await askGateway(simulator.url, 9).catch(() => {});
    await simulator.close();
    const lines = readFileSync(ledgerFile, 'latin1').split('\n').slice(0, -1);
    expect(lines.map(scan)).toEqual(lines.map(parseLedgerLine));
  });
});
