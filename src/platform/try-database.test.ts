import { expect, inject, test } from 'vitest';
import { builtFile } from '../testing/built.js';
import { startChild } from '../testing/child-program.js';
import { tryDatabase } from './try-database.js';

/** The address of the test run's own server, with something changed. */
function wrong(change: (url: URL) => void): string {
  const url = new URL(inject('clusterUrl'));
  change(url);
  return url.href;
}

const { host, username } = new URL(inject('clusterUrl'));

const TROUBLES: [string, string, string][] = [
  [
    'a wrong password',
    wrong((url) => {
      url.password = 'canary';
    }),
    `PostgreSQL at ${host} refuses the password of user "${username}".`,
  ],
  [
    'no password',
    wrong((url) => {
      url.password = '';
    }),
    `PostgreSQL at ${host} asks for a password of user "${username}".`,
  ],
  [
    'a missing database',
    wrong((url) => {
      url.pathname = '/nothing';
    }),
    `PostgreSQL at ${host} has no database "nothing".`,
  ],
  [
    'a server that lets nobody in',
    wrong((url) => {
      url.searchParams.set('options', '-c nothing=1');
    }),
    `PostgreSQL at ${host} does not let user "${username}" in (`,
  ],
  [
    'a port nobody listens on',
    'postgres://me:canary@127.0.0.1:1/x',
    'no PostgreSQL at 127.0.0.1:1 (connection refused).',
  ],
  ['a host that is not there', 'postgres://me:canary@host.invalid:5432/x', 'no PostgreSQL at host.invalid:5432 ('],
];

test.each(TROUBLES)('says in one line what is wrong with the setting: %s', async (_what, url, reason) => {
  const failure = await tryDatabase(url).catch((error: unknown) => error);
  expect(failure).toMatchObject({ name: 'AppError', code: 'UNAVAILABLE' });
  const { message } = failure as Error;
  expect(message).toContain(`DATABASE_URL: ${reason}`);
  expect(message).not.toMatch(/canary|\n/);
});

test('says nothing of a database that answers', async () => {
  await expect(tryDatabase(inject('clusterUrl'))).resolves.toBeUndefined();
});

test('the program ends with that line and code 1', { timeout: 60_000 }, async () => {
  const [, DATABASE_URL, reason] = TROUBLES[0]!;
  const main = await builtFile('src/main.ts');
  const program = startChild(process.execPath, [main], {
    env: { DATABASE_URL, CHANNEL: 'console', PORT: '0', LOG_LEVEL: 'silent' },
  });
  expect(await program.ended).toEqual({ code: 1, signal: null });
  expect(program.said).toBe(`DATABASE_URL: ${reason}\n`);
});
