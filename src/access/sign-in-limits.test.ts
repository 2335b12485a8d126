import { afterAll, beforeAll, expect, it } from 'vitest';
import { createTestDatabase, type TestDatabase } from '../testing/test-database.js';
import { SignInLimits, TooManyTries } from './sign-in-limits.js';

let database: TestDatabase;
let limits: SignInLimits;
beforeAll(async () => {
  database = await createTestDatabase();
  limits = new SignInLimits(database.pool);
});
afterAll(() => database.drop());

/** Tries until one is refused; how often that was let through, and how long the next has to wait, s. */
async function tryOut(kind: 'account' | 'address' | 'mail', by: string): Promise<{ free: number; wait: number }> {
  for (let free = 0; ; free++) {
    const refused = await limits.charge(kind, by).catch((error: unknown) => error);
    if (refused === undefined) continue;
    if (!(refused instanceof TooManyTries)) throw refused;
    return { free, wait: refused.retryAfter };
  }
}

/** Lets a wait be over, as if that much time had passed. */
async function passWait(): Promise<void> {
  await database.pool.query('update sign_in_limit set free_at = clock_timestamp()');
}

it.each([
  ['account', 5],
  ['address', 20],
  ['mail', 3],
] as const)('lets so many tries of an %s through, and then one after each wait: %i', async (kind, free) => {
  const by = kind === 'address' ? '192.0.2.1' : 'a@example.org';
  expect(await tryOut(kind, by)).toEqual({ free, wait: 10 });
  const waits: number[] = [];
  for (let i = 0; i < 8; i++) {
    await passWait();
    waits.push((await tryOut(kind, by)).wait);
  }
  expect(waits).toEqual([20, 40, 80, 160, 320, 640, 900, 900]);
});

it('forgets a try with each quarter of an hour, so that the slips of a week do not shut out an office at the next', async () => {
  for (let i = 0; i < 30; i++) {
    await limits.charge('address', '198.51.100.9');
    await database.pool.query(`update sign_in_limit set
      free_at = free_at - interval '15 minutes', tried_at = tried_at - interval '15 minutes'`);
  }
  expect(await tryOut('address', '198.51.100.9')).toEqual({ free: 20, wait: 10 });
});

it('lets no more through of a hundred at once, from several processes', async () => {
  const processes = [limits, new SignInLimits(database.pool), new SignInLimits(database.pool)];
  const tries = Array.from({ length: 100 }, (_, i) => processes[i % 3]!.charge('account', 'at-once@example.org'));
  const outcomes = await Promise.allSettled(tries);
  expect(outcomes.filter(({ status }) => status === 'fulfilled')).toHaveLength(5);
});

it('does not count tries that were refused', async () => {
  await tryOut('account', 'eager@example.org');
  for (let i = 0; i < 10; i++) await tryOut('account', 'eager@example.org');
  await passWait();
  expect(await tryOut('account', 'eager@example.org')).toEqual({ free: 1, wait: 20 });
});

it('counts half of the bits of an IPv6 address, and a mapped IPv4 address as that', async () => {
  for (let i = 0; i < 10; i++) await limits.charge('address', `2001:db8:1:2::${i}`);
  for (let i = 0; i < 10; i++) await limits.charge('address', `2001:0db8:0001:0002:${i}:0:0:1`);
  expect((await tryOut('address', '2001:db8:1:2:ffff::')).free).toBe(0);
  expect((await tryOut('address', '2001:db8:1:3::')).free).toBe(20);
  for (let i = 0; i < 20; i++) await limits.charge('address', '::ffff:192.0.2.9');
  expect((await tryOut('address', '192.0.2.9')).free).toBe(0);
  expect((await tryOut('address', '::1')).free).toBe(20);
});

it('starts an account anew after a good try, and gives the address that one back', async () => {
  await tryOut('account', 'good@example.org');
  await limits.forget('account', 'good@example.org');
  expect((await tryOut('account', 'good@example.org')).free).toBe(5);
  for (let i = 0; i < 50; i++) {
    await limits.charge('address', '192.0.2.20');
    await limits.giveBack('address', '192.0.2.20');
  }
  expect((await tryOut('address', '192.0.2.20')).free).toBe(20);
});

it('forgets after a quiet day, and keeps no e-mail', async () => {
  await tryOut('account', 'quiet@example.org');
  const { rows } = await database.pool.query<{ row: string }>('select l::text as row from sign_in_limit l');
  expect(rows.map(({ row }) => row).join()).not.toContain('example.org');
  await database.pool.query(`update sign_in_limit set tried_at = tried_at - interval '25 hours'`);
  await limits.charge('account', 'other@example.org');
  expect((await database.pool.query('select scope from sign_in_limit')).rowCount).toBe(1);
  expect((await tryOut('account', 'quiet@example.org')).free).toBe(5);
});
