import type { FastifyReply, FastifyRequest } from 'fastify';
import { z } from 'zod';
import { AppError } from '../errors.js';
import { DEFAULT_PAGE, type KeyPart, type Keyset, MAX_PAGE, readKeyset, toCursor } from '../graphql/connection.js';

/** The parameters that every list has. */
export const pageShape = {
  limit: z.int().min(1).max(MAX_PAGE).optional().describe(`How many, 1 to ${MAX_PAGE}; left out: ${DEFAULT_PAGE}.`),
  cursor: z.string().max(200).optional().describe('Where the page begins: take the address of `rel="next"` in `Link`.'),
  count: z.boolean().optional().describe('`true`: the header `Total-Count` says how many the whole list has.'),
};

/** What a list was asked for. */
export interface PageQuery {
  limit?: number | undefined;
  cursor?: string | undefined;
  count?: boolean | undefined;
}

/**
 * Reads `limit` and `cursor`: the same cursors as in GraphQL.
 *
 * @throws AppError BAD_USER_INPUT on `cursor`
 */
export function readPage(
  { limit = DEFAULT_PAGE, cursor }: PageQuery,
  list: string,
  parts?: readonly KeyPart[],
): Keyset {
  try {
    return readKeyset({ first: limit, after: cursor ?? null }, list, parts);
  } catch (error) {
    if (!(error instanceof AppError) || error.field !== 'after') throw error;
    throw new AppError(error.code, 'cursor is no cursor of this list.', 'cursor');
  }
}

/** A list as it was read: up to `first + 1` rows of it. */
export interface ListedRows<T> {
  keyset: Keyset;
  rows: readonly T[];
  list: string;
  keyOf: (row: T) => readonly string[];
  /** Where to go on when the list was not looked through to its end and the page is not full. */
  goOn?: readonly string[] | null;
  count: () => Promise<number>;
}

/**
 * Says in `Link` (RFC 8288) where the list begins and goes on, and in `Total-Count`, if asked, how many there are.
 *
 * @returns the rows of the page
 */
export async function toPage<T>(request: FastifyRequest, reply: FastifyReply, listed: ListedRows<T>): Promise<T[]> {
  const { keyset, rows, list, keyOf, goOn = null, count } = listed;
  const page = rows.slice(0, keyset.first);
  const { pathname, searchParams } = new URL(request.url, 'http://localhost');
  const link = (cursor: string | null, rel: string) => {
    if (cursor === null) searchParams.delete('cursor');
    else searchParams.set('cursor', cursor);
    return `<${pathname}${searchParams.size > 0 ? `?${searchParams}` : ''}>; rel="${rel}"`;
  };
  const links = [link(null, 'first')];
  const last = page.at(-1);
  const end = rows.length > page.length && last !== undefined ? keyOf(last) : goOn;
  if (end !== null) links.push(link(toCursor(list, end), 'next'));
  reply.header('link', links.join(', '));
  if ((request.query as PageQuery).count) reply.header('total-count', await count());
  return page;
}
