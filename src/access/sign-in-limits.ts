import { createHash } from 'node:crypto';
import { isIPv6 } from 'node:net';
import type pg from 'pg';
import { AppError } from '../errors.js';

/** What tries are counted by, and how many of each are free before the next has to wait. */
const FREE_TRIES = {
  /** Tries of one account's password, whoever makes them. */
  account: 5,
  /** Tries from one address, of whatever account: more, because a whole office may stand behind it. */
  address: 20,
  /** Letters to one e-mail. */
  mail: 3,
  /** Reports that somebody has sent to their own e-mail. */
  ownReport: 5,
  /** Failures that are written down, of ways in that ask for no password, from one address. */
  failure: 20,
  /** Links of reports from one address, tried at the same moment or in vain: those that open something are given back. */
  report: 60,
} as const;
type Kind = keyof typeof FREE_TRIES;
/** Counted by the network of an address; what others are counted by is kept as a hash. */
const BY_NETWORK: readonly Kind[] = ['address', 'failure', 'report'];
/** The wait after the last free try, s; each further one is twice as long. */
const FIRST_WAIT = 10;
/** The longest wait, s. */
const LONGEST_WAIT = 900;
/**
 * How many tries count with this one, in SQL. One is forgotten for each longest wait that passed since the last: an office is
 * not shut out for slips of other days, and whoever guesses gets no more tries a day than one after each such wait.
 */
const TRIES = 'greatest(l.tries - floor(extract(epoch from clock_timestamp() - l.tried_at) / $4)::int, 0) + 1';

/** Too many tries. */
export class TooManyTries extends AppError {
  /** @param retryAfter when the next try is free, s from now */
  constructor(readonly retryAfter: number) {
    super('RATE_LIMITED', `Too many tries. The next one is free in ${inWords(retryAfter)}.`);
  }
}

/**
 * How often somebody may try to get in, by the database's clock and for all processes together. A try is charged before
 * it is made, so a thousand at once get no further than a thousand one after the other.
 */
export class SignInLimits {
  constructor(private readonly pool: pg.Pool) {}

  /**
   * Charges one try.
   * @param by what it is counted by: an e-mail in small letters, be it known or not, or an IP address
   * @throws TooManyTries when it is not free; then it does not count
   */
  async charge(kind: Kind, by: string): Promise<void> {
    await this.pool.query(`delete from sign_in_limit where tried_at < clock_timestamp() - interval '1 day'`);
    const scope = scopeOf(kind, by);
    const { rowCount } = await this.pool.query(
      `insert into sign_in_limit as l (scope, tries, free_at, tried_at) values ($1, 1, clock_timestamp(), clock_timestamp())
       on conflict (scope) do update set
         tries = ${TRIES},
         free_at = clock_timestamp()
           + case when ${TRIES} < $2 then interval '0' else interval '1s' * least($3 * power(2, least(${TRIES} - $2, 30)), $4) end,
         tried_at = clock_timestamp()
       where l.free_at <= clock_timestamp()`,
      [scope, FREE_TRIES[kind], FIRST_WAIT, LONGEST_WAIT],
    );
    if (rowCount === 1) return;
    const { rows } = await this.pool.query<{ wait: number }>(
      `select greatest(ceil(extract(epoch from free_at - clock_timestamp())), 1)::int as wait from sign_in_limit where scope = $1`,
      [scope],
    );
    throw new TooManyTries(rows[0]?.wait ?? 1);
  }

  /** After a good try of an account's password it starts anew. */
  async forget(kind: Kind, by: string): Promise<void> {
    await this.pool.query('delete from sign_in_limit where scope = $1', [scopeOf(kind, by)]);
  }

  /** A good try from an address does not count, or an office would use all of them up. Waits that are due stay due. */
  async giveBack(kind: Kind, by: string): Promise<void> {
    await this.pool.query('update sign_in_limit set tries = greatest(tries - 1, 0) where scope = $1', [
      scopeOf(kind, by),
    ]);
  }
}

function scopeOf(kind: Kind, by: string): string {
  return `${kind}:${BY_NETWORK.includes(kind) ? network(by) : createHash('sha256').update(by).digest('hex')}`;
}

/** One customer's part of the address space: with IPv6 that is half of the bits (RFC 6177), and free to vary. */
function network(address: string): string {
  const mapped = /^::ffff:(\d+\.\d+\.\d+\.\d+)$/i.exec(address)?.[1];
  if (mapped !== undefined) return mapped;
  if (!isIPv6(address)) return address;
  const [head = '', tail] = (address.split('%')[0] ?? '').split('::');
  const left = head === '' ? [] : head.split(':');
  const right = tail === undefined || tail === '' ? [] : tail.split(':');
  const missing = tail === undefined ? 0 : 8 - left.length - right.length;
  const groups = [...left, ...Array.from({ length: missing }, () => '0'), ...right].slice(0, 4);
  return `${groups.map((group) => Number.parseInt(group, 16).toString(16)).join(':')}::/64`;
}

function inWords(seconds: number): string {
  return seconds < 120 ? `${seconds} seconds` : `${Math.ceil(seconds / 60)} minutes`;
}
