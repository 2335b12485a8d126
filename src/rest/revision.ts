import type { FastifyReply, FastifyRequest } from 'fastify';
import { AppError } from '../errors.js';

/** What people edit, and count the edits of. */
export interface Revised {
  revision: number;
  /** Grows with what happens by itself; only mailings have it. */
  version?: string;
}

/** The entity tag (RFC 9110 §8.8.3): the revision, and where there is one the version behind a dot. */
function tagOf({ revision, version }: Revised): string {
  return `"${[revision, version].filter((part) => part !== undefined).join('.')}"`;
}

/**
 * Says in `ETag` which state the answer shows.
 *
 * @returns whether the caller has it already, by `If-None-Match`: then 304 is the answer
 */
export function isKnown(request: FastifyRequest, reply: FastifyReply, thing: Revised): boolean {
  const tag = tagOf(thing);
  reply.header('etag', tag).header('cache-control', 'private, no-cache');
  const known = tagsIn(request.headers['if-none-match']);
  return known !== null && (known.includes('*') || known.includes(tag));
}

/**
 * The revision that `If-Match` asks for. What happened by itself since is no reason to refuse an edit, so the version plays
 * no part.
 *
 * @param current the thing as it is; looked at only when the header is there
 * @returns undefined: the caller asks for none
 * @throws AppError CONFLICT on `revision`, which is 412 where the header is
 */
export async function requiredRevision(
  { headers }: FastifyRequest,
  current: () => Promise<Revised>,
): Promise<number | undefined> {
  const wanted = tagsIn(headers['if-match']);
  if (wanted === null) return undefined;
  const { revision } = await current();
  if (wanted.includes('*') || wanted.some((tag) => tag.replace(/\..*|"/g, '') === String(revision))) return revision;
  throw new AppError('CONFLICT', `Somebody changed it: its revision is ${revision}.`, 'revision');
}

/** Weak tags count as what they are tags of: proxies that compress make weak ones of ours. */
function tagsIn(header: string | undefined): string[] | null {
  return header === undefined ? null : header.split(',').map((tag) => tag.trim().replace(/^W\//, ''));
}
