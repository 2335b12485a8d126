import { expect, test } from 'vitest';
import { draw, hindranceOf, progressLine, type ShownProgress } from './progress-line.js';

const running: ShownProgress = {
  name: 'Demo 1',
  status: 'RUNNING',
  total: 10_000,
  open: 4_800,
  sent: 5_200,
  failed: 0,
  expired: 0,
  cancelled: 0,
  unknown: 0,
  seconds: 2,
};

function written(isTTY: boolean, columns: number, lines: [string, boolean][]): string {
  const parts: string[] = [];
  for (const [line, last] of lines) draw({ isTTY, columns, write: (part) => parts.push(part) }, line, last);
  return parts.join('');
}

test('shows how far a mailing is and how fast it goes', () => {
  expect(progressLine(running)).toBe('Demo 1  ████████░░░░░░░░   52 %  5,200 of 10,000 sent  2,600/s');
});

test('shows what was not sent, and how long it took in the end', () => {
  const over = { ...running, status: 'COMPLETED', open: 0, sent: 9_990, failed: 7, unknown: 3, seconds: 3.14 };
  expect(progressLine(over)).toBe('Demo 1  100 %  9,990 of 10,000 sent, 7 failed, 3 unknown  completed in 3.1 s');
});

test('fits a terminal of 80 columns with all it has to say', () => {
  const over = { ...running, name: 'Demo 12', status: 'COMPLETED', open: 0, sent: 10_000, seconds: 123.4 };
  const line = progressLine(over);
  expect(line).toContain('████  100 %  10,000 of 10,000 sent  completed in 123.4 s');
  expect(written(true, 80, [[line, true]])).toContain('123.4 s\n');
  const waiting = { retry: 0, lost: 4_800, stopped: false };
  expect(written(true, 80, [[progressLine(running, hindranceOf(4_800, waiting, true)), true]])).toContain(
    '4,800 in the hands of a lost worker\n',
  );
});

test.each([
  [
    'messages that failed and are tried again later',
    { retry: 4_800, lost: 0, stopped: false },
    true,
    '4,800 waiting for another attempt',
  ],
  ['a person', { retry: 4_800, lost: 0, stopped: true }, true, 'all sending is stopped'],
  [
    'messages that a killed process had in hand',
    { retry: 4_799, lost: 1, stopped: false },
    true,
    '1 in the hands of a lost worker',
  ],
  ['a scheduler without its store', { retry: 0, lost: 0, stopped: false }, false, 'MONGO_URL does not answer'],
  ['nothing, as long as one message is under way', { retry: 4_000, lost: 799, stopped: false }, true, '2,600/s'],
])('says what it waits for: %s', (_what, waiting, storeReady, words) => {
  const line = progressLine(running, hindranceOf(running.open, waiting, storeReady));
  expect(line.endsWith(`  5,200 of 10,000 sent  ${words}`)).toBe(true);
});

test('says 99 % until the last message is done', () => {
  expect(progressLine({ ...running, open: 1, sent: 9_999 })).toContain('  99 %');
});

test('shows a mailing that nobody matched, and one that was not launched yet', () => {
  expect(progressLine({ ...running, total: 0, open: 0, sent: 0, seconds: 0 })).toContain('0 % ');
  expect(progressLine({ ...running, status: 'SCHEDULED', seconds: 0 })).toContain('scheduled');
});

test('draws over the line before on a terminal, never wider than it', () => {
  expect(
    written(true, 30, [
      ['a'.repeat(100), false],
      ['b', true],
    ]),
  ).toBe(`\r\x1b[2K  ${'a'.repeat(27)}\r\x1b[2K  b\n`);
});

test('writes whole lines without control characters elsewhere', () => {
  expect(
    written(false, 30, [
      ['a'.repeat(100), false],
      ['b', true],
    ]),
  ).toBe(`  ${'a'.repeat(100)}\n  b\n`);
});
