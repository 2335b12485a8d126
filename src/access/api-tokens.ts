import type { EntityManager } from '@mikro-orm/postgresql';
import type pg from 'pg';
import { AppError } from '../errors.js';
import type { Keyset } from '../graphql/connection.js';
import { notFound, parseId } from '../graphql/parse-input.js';
import { type BearerTokens, type Identity, keyOf } from './access.js';
import { Actor } from './actor.js';
import type { NewToken } from './api-token.inputs.js';
import { ApiToken } from './api-token.js';
import type { Role } from './permission.js';
import { hashSecret, newSecret, sameSecret } from './secret.js';

/** So that whoever finds one knows where it belongs, and a search for lost secrets knows one when it sees it. */
const MARK = 'hg_';
/** The mark, 8 characters that name the token, 35 that nobody can guess (210 bits). */
const SHAPE = /^hg_[\w-]{43}$/;
const PREFIX_LENGTH = MARK.length + 8;

interface Row {
  id: string;
  name: string;
  hash: string;
  scopes: string[];
  userId: string | null;
  /** Null: no user stands behind it, and it is an admin's. */
  role: Role | null;
  stale: boolean;
}

/** Those that hold, with the role their owner has by now; `%` is where they are chosen. */
const LIVING = `
  select t.id, t.name, t.hash, t.scopes, t.user_id as "userId", u.role,
    coalesce(t.last_used_at < clock_timestamp() - interval '1 minute', true) as stale
  from api_token t left join user_account u on u.id = t.user_id
  where % and t.revoked_at is null and coalesce(t.expires_at > clock_timestamp(), true) and u.disabled_at is null`;

/** Personal API tokens, as what opens the door. */
export class ApiTokens implements BearerTokens {
  constructor(private readonly pool: pg.Pool) {}

  async identify(token: string): Promise<Identity | null> {
    if (!SHAPE.test(token)) return null;
    const { rows } = await this.pool.query<Row>({
      name: 'token-by-prefix',
      text: LIVING.replace('%', 't.prefix = $1'),
      values: [token.slice(0, PREFIX_LENGTH)],
    });
    const row = rows.find(({ hash }) => sameSecret(hashSecret(token), hash));
    if (row === undefined) return null;
    if (row.stale) await this.#noteUse(row.id);
    return { actor: actorOf(row), credential: { kind: 'token', id: row.id } };
  }

  async living(identities: readonly Identity[]): Promise<ReadonlyMap<string, Actor>> {
    const ids = identities.flatMap(({ credential }) => (credential.kind === 'token' ? credential.id : []));
    if (ids.length === 0) return new Map();
    const { rows } = await this.pool.query<Row>(LIVING.replace('%', 't.id = any($1::bigint[])'), [ids]);
    return new Map(rows.map((row) => [keyOf({ kind: 'token', id: row.id }), actorOf(row)]));
  }

  /** Once a minute at the most: a busy token must not have its row written for each request. */
  async #noteUse(id: string): Promise<void> {
    await this.pool.query(
      `update api_token set last_used_at = clock_timestamp()
       where id = $1 and coalesce(last_used_at < clock_timestamp() - interval '1 minute', true)`,
      [id],
    );
  }
}

/**
 * Makes a token for whoever asks. Its secret is in the answer and nowhere else.
 *
 * @throws AppError FORBIDDEN for a token, which would outlive itself; BAD_USER_INPUT on `scopes` beyond the own ones
 */
export async function createToken(em: EntityManager, actor: Actor, input: NewToken) {
  actor.needPerson();
  const beyond = input.scopes.find((scope) => !actor.can(scope));
  if (beyond !== undefined) {
    throw new AppError('BAD_USER_INPUT', `scopes must be permissions of yours: ${beyond} is none.`, 'scopes');
  }
  const secret = MARK + newSecret();
  const token = Object.assign(new ApiToken(), {
    ...input,
    userId: actor.userId,
    hash: hashSecret(secret),
    prefix: secret.slice(0, PREFIX_LENGTH),
    lastUsedAt: null,
    revokedAt: null,
    createdBy: actor.name,
  });
  await em.persist(token).flush();
  return { token, secret };
}

/**
 * Revokes a token for good; one that was revoked before keeps its date. A person's own, or anybody's with `access:admin`; a
 * token may revoke itself.
 *
 * @throws AppError NOT_FOUND, also where it is not theirs to revoke
 */
export async function revokeToken(em: EntityManager, actor: Actor, givenId: string): Promise<ApiToken> {
  const id = parseId(givenId, 'token');
  const [row] = await em.execute<{ id: string }[]>(
    `update api_token set revoked_at = coalesce(revoked_at, clock_timestamp())
     where id = ? and (? or (user_id is not distinct from ?::bigint and ?) or 'token:' || id = ?) returning id`,
    [id, actor.can('access:admin'), actor.userId, actor.isPerson, actor.id],
  );
  if (row === undefined) throw notFound('token');
  return await em.findOneOrFail(ApiToken, { id }, { disableIdentityMap: true });
}

/** Whose tokens a list shows: those of one user, or of nobody (null); undefined: everybody's. */
export type TokenOwner = string | null | undefined;

/** Whose tokens somebody is shown, and the name of that list. @throws AppError FORBIDDEN: to a token, or on `everybodys` */
export function tokensFor(actor: Actor, everybodys: boolean): { owner: TokenOwner; list: string } {
  if (everybodys) actor.need('access:admin', 'everybodys');
  else actor.needPerson();
  return everybodys ? { owner: undefined, list: 'tokens' } : { owner: actor.userId, list: 'token' };
}

const ownedBy = (owner: TokenOwner) => (owner === undefined ? {} : { userId: owner });

/** Newest first: up to `first + 1`. */
export async function listTokens(em: EntityManager, owner: TokenOwner, { first, after }: Keyset): Promise<ApiToken[]> {
  const behind = after === null ? {} : { id: { $lt: after[0] as string } };
  const order = { orderBy: { id: 'desc' }, limit: first + 1, disableIdentityMap: true } as const;
  return await em.find(ApiToken, { ...ownedBy(owner), ...behind }, order);
}

export async function countTokens(em: EntityManager, owner: TokenOwner): Promise<number> {
  return await em.count(ApiToken, ownedBy(owner));
}

function actorOf({ id, name, role, userId, scopes }: Row): Actor {
  return new Actor({ id: `token:${id}`, name: `token:${name}`, role: role ?? 'admin', userId, scopes });
}
