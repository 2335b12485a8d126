import { z } from 'zod';
import type { Role } from './access/permission.js';
import { address, isThisMachine, networks, oneOf, token } from './setting-kinds.js';

/** The settings of signing in, by the names of their variables. */
export const signInSettings = {
  SMTP_URL: address('a mail server', 'smtp:', 'smtps:').optional(),
  MAIL_FROM: z.email('must be an e-mail address').optional(),
  OIDC_ISSUER: address('a web', 'https:', 'http:').optional(),
  OIDC_CLIENT_ID: token.optional(),
  OIDC_CLIENT_SECRET: token.optional(),
  OIDC_ROLE_CLAIM: token.optional(),
  OIDC_DEFAULT_ROLE: oneOf(['viewer', 'operator', 'admin']).optional(),
  JWT_ISSUER: address('a web', 'https:', 'http:').optional(),
  JWT_AUDIENCE: token.optional(),
  JWT_JWKS_URL: address('a web', 'https:', 'http:').optional(),
  JWT_ROLE_CLAIM: token.default('role'),
  TRUST_PROXY: networks.optional(),
};
type Settings = z.output<z.ZodObject<typeof signInSettings>>;

/** How people sign in by an OpenID provider. */
export interface OidcSettings {
  readonly issuer: string;
  readonly clientId: string;
  /** Null: a public client, which PKCE alone protects. */
  readonly clientSecret: string | null;
  /** The claim that names the role; null: roles are given here. */
  readonly roleClaim: string | null;
  /** The role of whoever has none yet; null: only those with an account or a role of the provider's may come in. */
  readonly defaultRole: Role | null;
}

/** Whose JSON Web Tokens are taken. */
export interface JwtSettings {
  /** What the claim `iss` has to be, to the letter. */
  readonly issuer: string;
  /** What the claim `aud` has to hold. */
  readonly audience: string;
  /** Where the issuer publishes its keys. */
  readonly jwksUrl: string;
  /** The claim that names the role, or a list with one. */
  readonly roleClaim: string;
}

/** How people sign in. */
export interface SignInConfig {
  /** Where letters are handed in, and from whom they are; null: none are sent. */
  readonly mail: { readonly url: string; readonly from: string } | null;
  /** The OpenID provider that people may sign in by; null: there is none. */
  readonly oidc: OidcSettings | null;
  /** The issuer whose JSON Web Tokens are taken; null: nobody's. */
  readonly jwt: JwtSettings | null;
  /** Proxies whose X-Forwarded-For is believed: addresses and networks. None: nobody's. */
  readonly trustProxy: readonly string[];
}

export function assembleSignIn(s: Settings): SignInConfig {
  return {
    mail: s.SMTP_URL && s.MAIL_FROM ? { url: s.SMTP_URL, from: s.MAIL_FROM } : null,
    oidc: assembleOidc(s),
    jwt: assembleJwt(s),
    trustProxy: s.TRUST_PROXY ?? [],
  };
}

function assembleOidc(s: Settings): OidcSettings | null {
  if (!s.OIDC_ISSUER || !s.OIDC_CLIENT_ID) return null;
  return Object.freeze({
    issuer: s.OIDC_ISSUER,
    clientId: s.OIDC_CLIENT_ID,
    clientSecret: s.OIDC_CLIENT_SECRET ?? null,
    roleClaim: s.OIDC_ROLE_CLAIM ?? null,
    defaultRole: s.OIDC_DEFAULT_ROLE ?? null,
  });
}

function assembleJwt(s: Settings): JwtSettings | null {
  if (!s.JWT_ISSUER || !s.JWT_AUDIENCE || !s.JWT_JWKS_URL) return null;
  const { JWT_ISSUER: issuer, JWT_AUDIENCE: audience, JWT_JWKS_URL: jwksUrl, JWT_ROLE_CLAIM: roleClaim } = s;
  return Object.freeze({ issuer, audience, jwksUrl, roleClaim });
}

/** What is wrong although each setting alone is right. */
export function findSignInContradictions(s: Settings): string[] {
  const problems: string[] = [];
  if ((s.SMTP_URL === undefined) !== (s.MAIL_FROM === undefined)) {
    problems.push('SMTP_URL and MAIL_FROM belong together: set both, or neither');
  }
  if ((s.OIDC_ISSUER === undefined) !== (s.OIDC_CLIENT_ID === undefined)) {
    problems.push('OIDC_ISSUER and OIDC_CLIENT_ID belong together: set both, or neither');
  }
  if (s.OIDC_ISSUER?.startsWith('http:') && !isThisMachine(s.OIDC_ISSUER)) {
    problems.push('OIDC_ISSUER must be an https address, but for one on this machine');
  }
  const jwt = [s.JWT_ISSUER, s.JWT_AUDIENCE, s.JWT_JWKS_URL].filter((value) => value !== undefined);
  if (jwt.length !== 0 && jwt.length !== 3) {
    problems.push('JWT_ISSUER, JWT_AUDIENCE and JWT_JWKS_URL belong together: set all three, or none');
  }
  if (s.JWT_JWKS_URL?.startsWith('http:') && !isThisMachine(s.JWT_JWKS_URL)) {
    problems.push('JWT_JWKS_URL must be an https address, but for one on this machine');
  }
  return problems;
}

/** What must never show of them. */
export function signInSecrets({ mail, oidc }: SignInConfig): (string | null)[] {
  return [oidc?.clientSecret ?? null, mail && new URL(mail.url).password];
}
