import fc from 'fast-check';
import { expect, it } from 'vitest';
import { newClientParser } from './client.inputs.js';
import { normalizePhone, parsePhone, plainPhone } from './phone.js';
import { type ClientLine, clientLineParser } from './plain-client.js';

const ZONES = { find: (name: string) => (name.toLowerCase() === 'europe/moscow' ? 'Europe/Moscow' : undefined) };

const digits = (most: number) => fc.stringMatching(new RegExp(`^\\d{0,${most}}$`));
const spelling = fc.oneof(
  fc.stringMatching(/^(\+?7|8|9|78|\+8|)9\d{8,10}$/),
  fc
    .tuple(fc.constantFrom('', '+', '7', '+7', '8', '9', ' 7', '7\n', '007'), digits(12))
    .map((parts) => parts.join('')),
);

it('takes a phone that is plainly one for the same that the numbering plan does', () => {
  fc.assert(
    fc.property(spelling, (text) => {
      expect(normalizePhone(text)).toBe(parsePhone(text));
    }),
    { numRuns: 500 },
  );
  expect(['79161234567', '+79161234567', '89161234567'].map(plainPhone)).toEqual(Array(3).fill('79161234567'));
  expect(['9161234567', '+89161234567', '79161234567\n', '74951234567'].map(plainPhone)).toEqual(Array(4).fill(null));
});

const label = fc.oneof(
  fc.constantFrom('vip', 'два слова', 'a\u00a0b', ' a', 'a ', '', '\u0301', 'a\u200bb', 'x'.repeat(64), 'x'.repeat(65)),
  fc.string({ unit: 'binary', maxLength: 4 }),
  fc.constantFrom('\0', '\ud83d', 'a\tb'),
);
const value = fc.oneof(
  label,
  fc.constantFrom('\u0001'.repeat(1_000), '"'.repeat(1_001), 'ж'.repeat(1_000), 'x'.repeat(1_300)),
);
const line: fc.Arbitrary<ClientLine> = fc.record({
  phone: fc.oneof(fc.constant('79161234567'), fc.constantFrom(undefined, '', '12345', '8 916 123-45-67')),
  operatorCode: fc.constantFrom(null, '916', '91', '916\n', ''),
  tags: fc.option(fc.oneof(fc.array(label, { maxLength: 4 }), fc.constant(Array.from({ length: 51 }, () => 'a')))),
  timeZone: fc.constantFrom('Europe/Moscow', 'europe/moscow', 'Mars/Phobos', '', undefined),
  attributes: fc.dictionary(fc.stringMatching(/^[a-z]\w{0,5}$/), value, { noNullPrototype: true, maxKeys: 12 }),
});

const PLAIN: ClientLine = {
  ...{
    phone: '79161234567',
    operatorCode: null,
    tags: ['vip'],
    timeZone: 'Europe/Moscow',
    attributes: { name: 'Anna' },
  },
};
const WRONG: Partial<ClientLine>[] = [
  {},
  { operatorCode: '91' },
  { timeZone: 'Mars/Phobos' },
  { tags: ['x'.repeat(65)] },
  { tags: ['a\tb'] },
  { tags: Array.from({ length: 51 }, (_, n) => `t${n}`) },
  { attributes: { name: 'x'.repeat(1_001) } },
  { attributes: { name: '\0' } },
  { attributes: { name: '\ud83d' } },
  { attributes: Object.fromEntries(Array.from({ length: 51 }, (_, n) => [`a${n}`, 'x'])) },
  { attributes: Object.fromEntries(Array.from({ length: 9 }, (_, n) => [`a${n}`, '\u0001'.repeat(999)])) },
];

it('says of a line what the whole check says', () => {
  const parse = (check: (line: ClientLine) => unknown, given: ClientLine) => {
    try {
      return check(given);
    } catch (error) {
      return (error as { problems?: unknown }).problems;
    }
  };
  const [quick, whole] = [clientLineParser(ZONES), newClientParser(ZONES)];
  fc.assert(
    fc.property(line, (given) => {
      expect(parse(quick, given)).toEqual(parse(whole, given));
    }),
    // What is wrong with these is wrong alone, which chance seldom makes.
    { numRuns: 500, examples: WRONG.map((wrong) => [{ ...PLAIN, ...wrong }]) },
  );
});
