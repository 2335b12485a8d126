import {
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { beforeEach, expect, onTestFinished, test } from 'vitest';
import { AppLog } from './app-log.js';
import { createLogs } from './log.js';
import { putAside, rotatedFiles } from './rotated-files.js';

let dir: string;
let path: string;
beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), 'heliograph-app-log-'));
  path = join(dir, 'app.log');
  onTestFinished(() => rmSync(dir, { recursive: true }));
});

function appLog(options: Partial<{ path: string; maxBytes: number; files: number; pid: number }> = {}): AppLog {
  const { pid = 1, ...rest } = options;
  return new AppLog({ path, maxBytes: 2 ** 20, files: 3, about: { pid, role: 'worker' }, ...rest });
}

/** The numbers in all files, in the order of the files. */
async function written(): Promise<number[]> {
  const files = [...(await rotatedFiles(path)), path];
  return files.flatMap((file) =>
    readFileSync(file, 'utf8')
      .split('\n')
      .filter((line) => line !== '')
      .map((line) => JSON.parse(line).n as number),
  );
}

const range = (from: number, to: number) => Array.from({ length: to - from }, (_, n) => from + n);

test('writes each line with the process that wrote it', async () => {
  const log = appLog({ path: join(dir, 'of/a/new/folder/app.log'), pid: 42 });
  log.write('{"n":1,"text":"один"}\n');
  log.write('{"n":2}\n');
  await log.close();
  expect(readFileSync(join(dir, 'of/a/new/folder/app.log'), 'utf8')).toBe(
    '{"pid":42,"role":"worker","n":1,"text":"один"}\n{"pid":42,"role":"worker","n":2}\n',
  );
});

test('keeps within its limits: no file is larger than it may be, and no more of them than may be; the newest lines stay', async () => {
  const log = appLog({ maxBytes: 4_096, files: 3 });
  for (const n of range(0, 2_000)) log.write(`{"n":${n}}\n`);
  await log.close();
  const old = await rotatedFiles(path);
  expect(old).toHaveLength(3);
  for (const file of [...old, path]) expect(statSync(file).size).toBeLessThanOrEqual(4_096);
  const numbers = await written();
  expect(numbers.length).toBeGreaterThan(200);
  expect(numbers).toEqual(range(2_000 - numbers.length, 2_000));
});

test('keeps what was put aside in its order, where the last lines of several files are of the same moment', async () => {
  const moment = new Date('2026-11-21T23:59:59.999Z');
  // Digits that are no date, as somebody else may have left them: the log goes on.
  writeFileSync(join(dir, 'app.20260199T999999999Z.abcdef.log'), '');
  for (const n of range(0, 8)) {
    writeFileSync(path, `{"n":${n}}\n`);
    utimesSync(path, moment, moment);
    await putAside(path, statSync(path), 5);
  }
  writeFileSync(path, '{"n":8}\n');
  expect(await written()).toEqual(range(3, 9));
});

test('puts aside what was written on an earlier day', async () => {
  writeFileSync(path, '{"n":0}\n');
  utimesSync(path, new Date(), new Date('2026-11-21T23:59:59.500Z'));
  const log = appLog();
  log.write('{"n":1}\n');
  await log.close();
  expect(readdirSync(dir).sort()).toEqual([
    expect.stringMatching(/^app\.20261121T235959500Z\.[\da-f]{6}\.log$/),
    'app.log',
  ]);
  expect(readFileSync(path, 'utf8')).toContain('"n":1');
  expect(await written()).toEqual([0, 1]);
});

test('goes on in a new file once its own was moved away or removed by somebody else', async () => {
  const log = appLog();
  log.write('{"n":0}\n');
  await log.flush();
  renameSync(path, join(dir, 'moved'));
  log.write('{"n":1}\n');
  await log.flush();
  rmSync(path);
  log.write('{"n":2}\n');
  await log.close();
  expect(readFileSync(join(dir, 'moved'), 'utf8')).toContain('"n":0');
  expect(await written()).toEqual([2]);
});

test('several write to one file, and it is put aside again and again: no line is lost, torn or written twice', async () => {
  const logs = range(1, 5).map((pid) => appLog({ pid, maxBytes: 8_192, files: 1_000 }));
  for (const n of range(0, 2_000)) {
    for (const [index, log] of logs.entries()) log.write(`{"n":${n * 4 + index}}\n`);
    if (n % 20 === 0) await Promise.all(logs.map((log) => log.flush()));
  }
  await Promise.all(logs.map((log) => log.close()));
  expect((await rotatedFiles(path)).length).toBeGreaterThan(10);
  expect((await written()).sort((a, b) => a - b)).toEqual(range(0, 8_000));
});

test('says once that it can not write, loses nothing of the first seconds, and says when it can again', async () => {
  const folder = join(dir, 'folder');
  // A file where the folder should be, which not even root can write into.
  writeFileSync(folder, '');
  path = join(folder, 'app.log');
  const log = appLog();
  const told: unknown[] = [];
  log.onChange = (error, lost) => told.push((error as NodeJS.ErrnoException | null)?.code ?? lost);
  for (const n of range(0, 5)) {
    log.write(`{"n":${n}}\n`);
    await log.flush();
  }
  expect(log.trouble).toEqual({ code: 'ENOTDIR', since: expect.any(Date) });
  expect(told).toEqual(['ENOTDIR']);
  rmSync(folder);
  mkdirSync(folder);
  await log.flush();
  expect(log.trouble).toBeNull();
  expect(told).toEqual(['ENOTDIR', 0]);
  await log.close();
  expect(await written()).toEqual(range(0, 5));
});

test('keeps no more than so much while it can not write, and counts what it drops', async () => {
  writeFileSync(join(dir, 'file'), '');
  const log = appLog({ path: join(dir, 'file', 'app.log') });
  const told: unknown[] = [];
  log.onChange = (error, lost) => told.push(error === null ? lost : 'trouble');
  const line = `{"text":"${'x'.repeat(2 ** 20)}"}\n`;
  for (const _ of range(0, 40)) {
    log.write(line);
    await log.flush();
  }
  rmSync(join(dir, 'file'));
  await log.close();
  expect(told).toEqual(['trouble', expect.any(Number)]);
  expect(told[1]).toBeGreaterThan(10);
  expect(told[1]).toBeLessThan(40);
}, 20_000);

test('a file takes lines from its own level on, whatever standard output takes, and both levels move while it runs', () => {
  const [out, kept]: [string[], string[]] = [[], []];
  const into = (lines: string[]) => ({ write: (line: string) => void lines.push(JSON.parse(line).msg) });
  const { log, lines, levels } = createLogs({
    level: 'info',
    pretty: false,
    destination: into(out),
    file: { stream: into(kept), level: 'debug' },
  });
  const all = (name: string) => {
    for (const level of ['trace', 'debug', 'info', 'warn'] as const) log[level](`${name} ${level}`);
    if (lines.takesDebug) lines.debug(`{"msg":"${name} line"}\n`);
  };
  all('first');
  levels.stdout = 'debug';
  levels.file = 'silent';
  all('second');
  levels.stdout = 'warn';
  all('third');
  expect(lines.takesDebug).toBe(false);
  expect(out).toEqual([
    'first info',
    'first warn',
    'second debug',
    'second info',
    'second warn',
    'second line',
    'third warn',
  ]);
  expect(kept).toEqual(['first debug', 'first info', 'first warn', 'first line']);
});
