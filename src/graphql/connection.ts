import { ArgsType, type ClassType, Field, Int, ObjectType } from 'type-graphql';
import { z } from 'zod';
import { AppError } from '../errors.js';
import { MAX_BIGINT, parseInput } from './parse-input.js';

/** Entries of a page, at the most and by default. */
export const MAX_PAGE = 100;
export const DEFAULT_PAGE = 20;

/** Which part of a list is wanted. */
@ArgsType()
export class PageArgs {
  @Field(() => Int, { description: `How many, 1 to ${MAX_PAGE}.`, defaultValue: DEFAULT_PAGE })
  first: number = DEFAULT_PAGE;

  @Field(() => String, { nullable: true, description: 'A cursor of this list; what comes behind it is given.' })
  after?: string | null;
}

@ObjectType({ description: 'Where a page stands in its list.' })
export class PageInfo {
  @Field(() => Boolean, { description: 'There is more behind this page: ask with `after: endCursor`.' })
  hasNextPage!: boolean;

  @Field(() => Boolean, { description: 'This is not the first page.' })
  hasPreviousPage!: boolean;

  @Field(() => String, { nullable: true, description: 'The cursor of its first entry; null: it has none.' })
  startCursor!: string | null;

  @Field(() => String, {
    nullable: true,
    description:
      'The cursor of its last entry, or of where a search stopped that has looked at many and found few; null: there is nothing more.',
  })
  endCursor!: string | null;
}

/** A page's place in its list. */
export interface Keyset {
  /** Rows to show; one more is fetched, to know whether there is a next page. */
  readonly first: number;
  /** The sort key of the last row of the page before; null: from the beginning. */
  readonly after: readonly string[] | null;
  /** Rows to pass over behind it; left out: none. */
  readonly skip?: number;
}

/** The rows behind a keyset: up to `first + 1` of them. */
export interface KeysetRows<T> {
  readonly keyset: Keyset;
  readonly rows: readonly T[];
  /** A row's sort key, as `readKeyset` gives it back. */
  readonly keyOf: (row: T) => readonly string[];
  /** The list's name in its cursors; one of another list is refused. */
  readonly list: string;
  /** Where to go on when the list was not looked through to its end and the page is not full; null: it is. */
  readonly goOn?: readonly string[] | null;
  /** Asked only when somebody wants `totalCount`. */
  readonly count: () => Promise<number>;
}

/** A row and its sort key, where the row itself does not tell it. */
export interface Listed<T> {
  readonly row: T;
  readonly key: readonly string[];
}

/** Such rows as a connection takes them. */
export function keyed<T extends object>(listed: readonly Listed<T>[]): Pick<KeysetRows<T>, 'rows' | 'keyOf'> {
  const keys = new Map(listed.map(({ row, key }) => [row, key]));
  return { rows: listed.map(({ row }) => row), keyOf: (row) => keys.get(row) as readonly string[] };
}

/** What one number of a sort key can be, ends included. */
export interface KeyPart {
  readonly min: bigint;
  readonly max: bigint;
}

/** An id. */
export const ID_PART: KeyPart = { min: 1n, max: MAX_BIGINT };
/** A phone as it is stored. */
export const PHONE_PART: KeyPart = { min: 70_000_000_000n, max: 79_999_999_999n };
/** A moment in µs since 1970, up to the end of the year 9999: mailings end by then. */
export const MICROS_PART: KeyPart = { min: 0n, max: 253_402_300_799_999_999n };

/** How many of a list. */
export const firstSchema = z.int().min(1, `must be 1 to ${MAX_PAGE}`).max(MAX_PAGE, `must be 1 to ${MAX_PAGE}`);

/**
 * Reads `first` and `after`. A cursor is the sort key of a row, so a page costs the same wherever it stands, and rows
 * that come or go meanwhile neither double nor hide others.
 *
 * @param list a short name for the list and its order
 * @param parts the numbers of the sort key
 * @throws AppError BAD_USER_INPUT on `first` or `after`
 */
export function readKeyset(args: PageArgs, list: string, parts: readonly KeyPart[] = [ID_PART]): Keyset {
  const first = parseInput(firstSchema, args.first, ['first']);
  if (args.after == null) return { first, after: null };
  const [name, ...key] = Buffer.from(args.after, 'base64url').toString('latin1').split(':');
  if (name !== list || key.length !== parts.length || !parts.every((part, at) => isWithin(part, key[at]))) {
    throw new AppError('BAD_USER_INPUT', 'after is no cursor of this list.', 'after');
  }
  return { first, after: key };
}

function isWithin({ min, max }: KeyPart, digits = ''): boolean {
  return /^\d{1,19}$/.test(digits) && BigInt(digits) >= min && BigInt(digits) <= max;
}

/** What a connection type can be made from and asked for. */
export interface Connection<T> {
  edges: { cursor: string; node: T }[];
  pageInfo: PageInfo;
  totalCount(): Promise<number>;
}

/** Makes the GraphQL types of a list: `<name>Connection` and `<name>Edge`. Called once for each kind of node. */
export function connectionType<T extends object>(
  name: string,
  node: ClassType<T>,
): new (
  page: KeysetRows<T>,
) => Connection<T> {
  @ObjectType(`${name}Edge`, { description: 'One entry of a list.' })
  class EdgeType {
    @Field(() => String, { description: 'Its place in the list; good for `after`.' })
    cursor!: string;

    @Field(() => node, { description: 'The entry itself.' })
    node!: T;
  }

  @ObjectType(`${name}Connection`, { description: 'A page of a list.' })
  class ConnectionType implements Connection<T> {
    @Field(() => [EdgeType], { description: 'The entries, in the order of the list.' })
    edges: EdgeType[];

    @Field(() => PageInfo, { description: 'Where the page stands in its list.' })
    pageInfo: PageInfo;

    readonly #count: () => Promise<number>;

    constructor({ keyset, rows, keyOf, list, goOn = null, count }: KeysetRows<T>) {
      this.edges = rows.slice(0, keyset.first).map((row) => ({ cursor: toCursor(list, keyOf(row)), node: row }));
      this.pageInfo = {
        hasNextPage: rows.length > keyset.first || goOn !== null,
        hasPreviousPage: keyset.after !== null || Boolean(keyset.skip),
        startCursor: this.edges[0]?.cursor ?? null,
        endCursor: goOn === null ? (this.edges.at(-1)?.cursor ?? null) : toCursor(list, goOn),
      };
      this.#count = count;
    }

    @Field(() => Int, { description: 'How many the whole list has; counted only when asked for.' })
    totalCount(): Promise<number> {
      return this.#count();
    }
  }
  return ConnectionType;
}

/** A row's place in its list. */
export function toCursor(list: string, key: readonly string[]): string {
  return Buffer.from([list, ...key].join(':'), 'latin1').toString('base64url');
}
