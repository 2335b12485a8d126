import { createHash } from 'node:crypto';
import { createRemoteJWKSet, decodeProtectedHeader, errors, type JWTPayload, jwtVerify } from 'jose';
import { AppError } from '../errors.js';
import type { Logger } from '../platform/log.js';
import type { JwtSettings } from '../sign-in-settings.js';
import { type BearerTokens, type Identity, keyOf } from './access.js';
import { Actor } from './actor.js';
import { ALL_PERMISSIONS, isPermission, type Permission, ROLES, type Role } from './permission.js';

/** Signatures by a key pair only: what everybody may read, as keys at JWKS_URL are, can't be a secret (RFC 8725 §3.1). */
const ALGORITHMS = [
  'RS256',
  'RS384',
  'RS512',
  'PS256',
  'PS384',
  'PS512',
  'ES256',
  'ES384',
  'ES512',
  'EdDSA',
  'Ed25519',
];
/** Headers by which a token says itself where its key is. Only our settings say that (RFC 8725 §3.10). */
const KEY_HEADERS = ['jku', 'jwk', 'x5u', 'x5c'] as const;
/** How much the issuer's clock may be ahead of ours, s. A token that has expired by ours has expired. */
const CLOCK_AHEAD = 5;
/** How long the issuer may take to tell its keys, and how often it is asked for one that is not known, ms. */
const KEYS = { timeoutDuration: 5_000, cooldownDuration: 30_000 };
/** From the least to the most. */
const ROLE_ORDER: readonly Role[] = ['viewer', 'operator', 'admin'];

/** Errors of jose that are about the issuer's keys; all others are about the token. */
const KEYS_AWAY: readonly string[] = [errors.JWKSTimeout.code, errors.JWKSInvalid.code, errors.JOSEError.code];

/**
 * JSON Web Tokens of an outside issuer (RFC 7519, RFC 8725), checked by the keys it publishes. A token says what its bearer
 * may do by a role, by permissions of ours in `scope`, or by both: then it is what both allow.
 */
export class OutsideIssuer implements BearerTokens {
  readonly #keys: ReturnType<typeof createRemoteJWKSet>;

  constructor(
    private readonly settings: JwtSettings,
    private readonly log: Logger,
  ) {
    this.#keys = createRemoteJWKSet(new URL(settings.jwksUrl), KEYS);
  }

  async identify(token: string): Promise<Identity | null> {
    if (!/^eyJ[\w-]*\.[\w-]*\.[\w-]*$/.test(token)) return null;
    const claims = await this.#verify(token);
    const actor = claims && actorOf(claims, this.settings.roleClaim);
    if (!actor) return null;
    const id = createHash('sha256').update(token).digest('hex');
    return { actor, credential: { kind: 'jwt', id, expiresAt: new Date((claims.exp ?? 0) * 1_000) } };
  }

  /** Nobody takes such a token back: it holds until it expires. */
  async living(identities: readonly Identity[]): Promise<ReadonlyMap<string, Actor>> {
    const living = identities.filter(
      ({ credential }) => credential.kind === 'jwt' && credential.expiresAt.getTime() > Date.now(),
    );
    return new Map(living.map(({ credential, actor }) => [keyOf(credential), actor]));
  }

  /** @throws AppError UNAVAILABLE when the issuer does not tell its keys */
  async #verify(token: string): Promise<JWTPayload | null> {
    const { issuer, audience } = this.settings;
    if (namesItsKey(token)) return null;
    try {
      const { payload } = await jwtVerify(token, this.#keys, {
        issuer,
        audience,
        algorithms: ALGORITHMS,
        requiredClaims: ['exp', 'sub'],
        clockTolerance: CLOCK_AHEAD,
      });
      return (payload.exp ?? 0) * 1_000 > Date.now() ? payload : null;
    } catch (error) {
      if (error instanceof errors.JOSEError && !KEYS_AWAY.includes(error.code)) return null;
      this.log.warn({ err: error }, "the token issuer's keys could not be fetched");
      throw new AppError('UNAVAILABLE', "The token issuer's keys can not be fetched just now. Try again in a moment.");
    }
  }
}

/** True also of what is no token at all. */
function namesItsKey(token: string): boolean {
  try {
    const header = decodeProtectedHeader(token);
    return KEY_HEADERS.some((name) => header[name] !== undefined);
  } catch {
    return true;
  }
}

/** Null: the token names nobody, or neither a role nor a permission of ours. */
function actorOf(claims: JWTPayload, roleClaim: string): Actor | null {
  const { sub = '', scope } = claims;
  if (!/^[^\p{Cc}]{1,200}$/u.test(sub)) return null;
  const roles = [claims[roleClaim]].flat();
  const role = ROLE_ORDER.findLast((each) => roles.includes(each));
  const scopes = typeof scope === 'string' ? scope.split(' ').filter(isPermission) : [];
  if (role === undefined && scopes.length === 0) return null;
  return new Actor({
    id: `jwt:${sub}`,
    name: `jwt:${sub}`,
    role: role ?? leastRole(scopes),
    scopes: scopes.length > 0 ? scopes : ALL_PERMISSIONS,
  });
}

/** The least role that may do all of these. */
function leastRole(permissions: readonly Permission[]): Role {
  const covers = (role: Role) => permissions.every((each) => (ROLES[role] as readonly Permission[]).includes(each));
  return ROLE_ORDER.find(covers) ?? 'admin';
}
