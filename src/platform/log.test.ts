import { closeSync, openSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { createLogger } from './log.js';
import { writeTo } from './write-to.js';

const PHONE = '79161234567';
const TOKEN = 'canary-0f6e2a1b';
const JWT = 'eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiJjYW5hcnkifQ.c2lnbmF0dXJl';

function logInto(lines: string[], pretty = false) {
  return createLogger({
    level: 'info',
    pretty,
    secrets: [TOKEN],
    destination: { write: (line: string) => void lines.push(line) },
  });
}

test.each([
  ['a field', { phone: PHONE, token: TOKEN }, 'client changed'],
  [
    'a field inside others',
    { request: { headers: { authorization: `Bearer ${JWT}` }, phone: Number(PHONE) } },
    'asked',
  ],
  ['a number under another name', { to: Number(PHONE) }, 'sent'],
  ['the message', {}, `no client has ${PHONE}, asked with Bearer ${JWT} and ${TOKEN}`],
  ['a spelled-out number', {}, 'no client has +7 (916) 123-45-67 or 8 916 123-45-67 or 89161234567'],
  ['an address', {}, `connect postgres://heliograph:${TOKEN}@127.0.0.1:5432/heliograph`],
  ['an error', { err: new Error(`Key (phone)=(${PHONE}) already exists; ${JWT}`) }, 'failed'],
  [
    'the cause of an error and what a driver hangs on it',
    { err: Object.assign(new Error('failed', { cause: new Error(PHONE) }), { detail: PHONE, query: `'${PHONE}'` }) },
    'failed',
  ],
])('writes no phone and no token that comes in %s', (_where, fields, message) => {
  for (const pretty of [false, true]) {
    const lines: string[] = [];
    logInto(lines, pretty).info(fields, message);
    expect(lines).toHaveLength(1);
    const digits = lines[0]!.replace(/[^\d]/g, '');
    expect(digits).not.toContain(PHONE.slice(1));
    for (const secret of [TOKEN, JWT]) expect(lines[0]).not.toContain(secret);
  }
});

test('leaves ids alone, also those that look like a phone', () => {
  const lines: string[] = [];
  const ids = { mailing_id: '7', message_id: PHONE, client_id: '9007199254740991', job: 'mailing.dispatch' };
  logInto(lines).child(ids).info({ count: 1000, took_ms: 12.25 }, 'recorded');
  expect(JSON.parse(lines[0]!)).toMatchObject({ level: 'info', ...ids, count: 1000, took_ms: 12.25, msg: 'recorded' });
});

test('says what went wrong, with its code and its cause', () => {
  const lines: string[] = [];
  const cause = Object.assign(new Error('connect ECONNREFUSED'), { code: 'ECONNREFUSED' });
  logInto(lines).error({ err: new Error('the gateway is away', { cause }) }, 'attempt failed');
  const { err } = JSON.parse(lines[0]!) as { err: Record<string, unknown> };
  expect(err).toMatchObject({ message: 'the gateway is away', cause: { code: 'ECONNREFUSED' } });
});

test('keeps one JSON object a line when something was hidden in it', () => {
  const lines: string[] = [];
  logInto(lines).info({ to: Number(PHONE), phone: PHONE }, `"${PHONE}"`);
  expect(lines[0]!.endsWith('\n')).toBe(true);
  expect(JSON.parse(lines[0]!)).toMatchObject({ phone: '[redacted]', to: 70000000000, msg: '"70000000000"' });
});

test('writes every line to the open file it is given', () => {
  const file = join(tmpdir(), `heliograph-log-${process.pid}`);
  const fd = openSync(file, 'w');
  onTestFinished(() => rmSync(file));
  const destination = writeTo(fd);
  destination.write('один\n');
  destination.write('two\n');
  closeSync(fd);
  expect(readFileSync(file, 'utf8')).toBe('один\ntwo\n');
});

test('drops every line once a file that is gone has refused one', () => {
  // Nothing lies at address 0, so writing there fails as writing to a closed terminal does.
  const fd = openSync('/proc/self/mem', 'r+');
  onTestFinished(() => closeSync(fd));
  const destination = writeTo(fd);
  expect(() => destination.write('lost\n')).not.toThrow();
  expect(() => createLogger({ level: 'info', pretty: true, destination }).info('lost too')).not.toThrow();
});
