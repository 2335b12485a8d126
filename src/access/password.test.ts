import * as argon2 from '@node-rs/argon2';
import { expect, it, vi } from 'vitest';
import { checkPassword, Passwords } from './password.js';

it('does the same work where there is no password to compare with', async () => {
  const verify = vi.fn(argon2.verify);
  const passwords = new Passwords({ hash: argon2.hash, verify });
  const stored = await passwords.hash('correct horse battery staple');
  const compared: string[] = [];
  for (const against of [stored, null]) {
    verify.mockClear();
    expect(await passwords.matches('a wrong password', against)).toBe(false);
    expect(verify).toHaveBeenCalledTimes(1);
    compared.push(String(verify.mock.calls[0]![0]).split('$').slice(0, 4).join('$'));
  }
  expect(compared).toEqual(['$argon2id$v=19$m=19456,t=2,p=1', '$argon2id$v=19$m=19456,t=2,p=1']);
});

it('knows a password again, however the keyboard wrote its letters, and never one that is nobody’s', async () => {
  const passwords = new Passwords();
  const stored = await passwords.hash('Crème brûlée für Ｚoë');
  expect(await passwords.matches('Crème brûlée für Ｚoë'.normalize('NFD'), stored)).toBe(true);
  expect(await passwords.matches('Crème brûlée für Zoë', stored)).toBe(true);
  expect(await passwords.matches('crème brûlée für zoë', stored)).toBe(false);
  expect(await passwords.matches('', null)).toBe(false);
  expect(stored).not.toBe(await passwords.hash('Crème brûlée für Ｚoë'));
});

it('hashes two at a time, lets a hundred wait, and sends the others away with UNAVAILABLE', async () => {
  const { promise: held, resolve: release } = Promise.withResolvers<string>();
  const passwords = new Passwords({ hash: () => held, verify: argon2.verify });
  const outcomes = Array.from({ length: 110 }, () => passwords.hash('correct horse battery staple'));
  await Promise.race(outcomes).catch((error) => expect(error).toMatchObject({ code: 'UNAVAILABLE' }));
  release('a hash');
  const settled = await Promise.allSettled(outcomes);
  expect(settled.filter(({ status }) => status === 'fulfilled')).toHaveLength(102);
});

it.each([
  ['correct horse battery staple', null],
  ['пароль из нескольких слов', null],
  ['😀😁😂🤣😃😄😅😆😉😊😋😎😍😘🥰', null],
  ['short', 'must have at least 15 characters'],
  ['abababababababababab', 'must have at least 5 different characters'],
  ['My ANNA@example.org pass', 'must not contain the e-mail'],
])('judges a new password %s: %s', (password, why) => {
  const check = () => checkPassword(password, 'anna@example.org', 'password');
  if (why === null) expect(check).not.toThrow();
  else expect(check).toThrow(why);
});
