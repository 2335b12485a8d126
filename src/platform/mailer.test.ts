import PostalMime from 'postal-mime';
import { expect, it, onTestFinished, vi } from 'vitest';
import { type MailServerOptions, startMailServer } from '../testing/mail-server.js';
import { recordingLog } from '../testing/running-api.js';
import { startTcpProxy } from '../testing/tcp-proxy.js';
import { Mailer } from './mailer.js';

const LETTER = {
  to: 'anna@example.org',
  subject: 'Hello',
  text: 'Plain',
  html: '<p>Rich</p>',
  messageId: '<1@example.org>',
};

async function withServer(options: MailServerOptions = {}) {
  const server = await startMailServer(options);
  onTestFinished(() => server.close());
  const { log, logged } = recordingLog();
  return { server, logged, mailer: new Mailer(server.url, 'robot@example.org', log) };
}

/** What became of handing over a letter: 'taken', or the failure's outcome and words. */
const outcomeOf = (handing: Promise<void>) =>
  handing.then(
    () => 'taken',
    ({ outcome, message }) => `${outcome} ${message}`,
  );

it('hands over a letter in text and HTML under the Message-ID it is given, with its end held back until that is allowed', async () => {
  const { server, mailer } = await withServer();
  const allowed = Promise.withResolvers<void>();
  const beforeEnd = vi.fn(() => allowed.promise);
  const handing = mailer.hand({ ...LETTER, isAutomatic: true }, { beforeEnd });
  await expect.poll(() => beforeEnd.mock.calls.length).toBe(1);
  expect([server.begun, server.letters.length], 'the server was asked before').toEqual([1, 0]);
  // In the time of a whole other letter its end would have come.
  await mailer.hand({ ...LETTER, subject: 'Another' }, { beforeEnd: async () => {} });
  expect(server.letters).toEqual([expect.objectContaining({ raw: expect.stringContaining('Subject: Another') })]);
  allowed.resolve();
  await handing;
  const mail = await PostalMime.parse(server.letters[1]!.raw);
  expect(mail).toMatchObject({ messageId: LETTER.messageId, subject: 'Hello' });
  expect([mail.text?.trim(), mail.html?.trim()]).toEqual(['Plain', '<p>Rich</p>']);
  expect(mail.headers).toContainEqual(expect.objectContaining({ key: 'auto-submitted', value: 'auto-generated' }));
});

it('leaves the server without a letter whose end was not allowed', async () => {
  const { server, mailer } = await withServer();
  const beforeEnd = async () => {
    throw new Error('somebody else has it');
  };
  expect(await outcomeOf(mailer.hand(LETTER, { beforeEnd }))).toMatch(/^NOT_TAKEN/);
  expect([server.begun, server.letters.length]).toEqual([1, 0]);
});

it.each([
  [550, 'REFUSED The mail server refused this address: 550.'],
  [451, 'NOT_TAKEN The mail server said 451.'],
])('tells an address refused with %i as it was meant, and names nobody in the log', async (code, said) => {
  const { mailer, logged } = await withServer({ refuse: () => code });
  const beforeEnd = vi.fn();
  expect(await outcomeOf(mailer.hand(LETTER, { beforeEnd }))).toBe(said);
  expect(beforeEnd).not.toHaveBeenCalled();
  expect(logged()).not.toContain('anna');
});

it('says that nobody knows when the connection ends between the last line and the answer', async () => {
  const { server } = await withServer({ beforeAnswer: async () => wire.cut() });
  const wire = await startTcpProxy(server.url);
  onTestFinished(() => wire.close());
  const mailer = new Mailer(wire.through(server.url), 'robot@example.org', recordingLog().log);
  expect(await outcomeOf(mailer.hand(LETTER, { beforeEnd: async () => {} }))).toMatch(/^UNKNOWN/);
  expect(server.letters).toHaveLength(1);
});

it('says so when no server is there, and when the process is to end before the last line', async () => {
  const { server, mailer } = await withServer();
  const stop = new AbortController();
  const beforeEnd = async () => stop.abort();
  expect(await outcomeOf(mailer.hand(LETTER, { beforeEnd, signal: stop.signal }))).toMatch(/^NOT_TAKEN/);
  expect(server.letters).toEqual([]);
  const nowhere = new Mailer('smtp://127.0.0.1:1', 'robot@example.org', recordingLog().log);
  expect(await outcomeOf(nowhere.hand(LETTER, { beforeEnd: async () => {} }))).toMatch(
    /^NOT_TAKEN The mail server could not be spoken to: E/,
  );
});
