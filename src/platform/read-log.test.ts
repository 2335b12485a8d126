import { appendFileSync, mkdtempSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { readLog } from './read-log.js';

function folder(): string {
  const dir = mkdtempSync(join(tmpdir(), 'heliograph-read-log-'));
  onTestFinished(() => rmSync(dir, { recursive: true }));
  return join(dir, 'app.log');
}

const line = (second: number, id: string) => {
  const time = new Date(Date.UTC(2026, 10, 22, 0, 0, second)).toISOString();
  return `${JSON.stringify({ level: 'debug', time, message_id: id, msg: `at ${second}` })}\n`;
};
const of = (id: string) => ({ fields: [['message_id', id]] as const });

test('reads the files that were put aside too, in the order of time, and leaves out what a full disk tore', async () => {
  const path = folder();
  writeFileSync(path.replace('.log', '.20261122T000002000Z.aaaaaa.log'), line(1, '12') + line(3, '12') + line(2, '12'));
  writeFileSync(path.replace('.log', '.20261122T000001000Z.bbbbbb.log'), line(0, '12') + line(0, '1'));
  writeFileSync(path, `{"message_id":"12","ti${line(4, '12')}${line(5, '12')}${line(6, '123')}`);
  const found: string[] = [];
  for await (const { msg } of readLog(path, of('12'))) found.push(msg);
  expect(found).toEqual(['at 0', 'at 1', 'at 2', 'at 3', 'at 5']);
});

test('follows the file, also into the next when it is put aside', async () => {
  const path = folder();
  writeFileSync(path, line(1, '7'));
  const stop = new AbortController();
  const found: string[] = [];
  const reading = (async () => {
    for await (const { msg } of readLog(path, { ...of('7'), follow: stop.signal })) found.push(msg);
  })();
  await expect.poll(() => found).toEqual(['at 1']);
  const whole = line(2, '7');
  appendFileSync(path, whole.slice(0, 20));
  appendFileSync(path, whole.slice(20));
  renameSync(path, path.replace('.log', '.20261122T000002000Z.cccccc.log'));
  writeFileSync(path, line(3, '7'));
  await expect.poll(() => found).toEqual(['at 1', 'at 2', 'at 3']);
  stop.abort();
  await reading;
});
