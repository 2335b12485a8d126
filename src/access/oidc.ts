import * as client from 'openid-client';
import { AppError } from '../errors.js';
import type { Logger } from '../platform/log.js';
import type { OidcSettings } from '../sign-in-settings.js';
import type { Role } from './permission.js';
import { hashSecret, newSecret } from './secret.js';
import { email as emailSchema, MAX_NAME } from './user.inputs.js';
import { RoleName } from './user-account.js';

/** Where the provider sends people back to. */
export const OIDC_CALLBACK = '/sign-in/oidc/callback';
/** How long one question to the provider may take, s. */
const TIMEOUT = 10;
/** From the most to the least: of several that a claim names, the first of these counts. */
const ROLES: readonly Role[] = [RoleName.ADMIN, RoleName.OPERATOR, RoleName.VIEWER];

/** Somebody whom the provider vouches for. */
export interface OidcPerson {
  /** `<issuer> <sub>`: tells one person from another for good, whatever becomes of e-mails. */
  subject: string;
  /** Verified by the provider, in small letters. */
  email: string;
  name: string;
  /** What the role claim says; null: nothing that is a role of ours. */
  role: Role | null;
}

/** The provider vouches for somebody, but for no e-mail by which they could have an account. */
export class NoEmail extends AppError {
  constructor() {
    super('UNAUTHENTICATED', 'Your provider tells no verified e-mail of yours that can be used here.');
  }
}

/** Somebody on the way to the provider. */
export interface OidcTrip {
  /** Where the browser is to go. */
  url: string;
  /** For a cookie of this browser: state, nonce and PKCE verifier are derived from it, so nothing is kept here. */
  secret: string;
}

/** Signing in by an OpenID provider: code flow with PKCE, state and nonce (RFC 9700, OpenID Connect Core §3.1). */
export class Oidc {
  #configuration: Promise<client.Configuration> | undefined;

  constructor(
    readonly settings: OidcSettings,
    /** The address people reach the server under, without a slash at the end. */
    private readonly baseUrl: () => string,
    private readonly log: Logger,
  ) {}

  /** @throws AppError UNAVAILABLE when the provider does not answer */
  async begin(): Promise<OidcTrip> {
    const secret = newSecret();
    const { state, nonce, verifier } = derive(secret);
    const url = client.buildAuthorizationUrl(await this.#discover(), {
      redirect_uri: this.baseUrl() + OIDC_CALLBACK,
      scope: 'openid email profile',
      state,
      nonce,
      code_challenge: await client.calculatePKCECodeChallenge(verifier),
      code_challenge_method: 'S256',
    });
    return { url: url.href, secret };
  }

  /**
   * @param path with its query, as the browser came back to it
   * @param secret of `begin`, from this browser's cookie
   * @throws AppError UNAUTHENTICATED when the provider vouches for nobody; NoEmail
   */
  async finish(path: string, secret: string): Promise<OidcPerson> {
    const configuration = await this.#discover();
    const { state, nonce, verifier } = derive(secret);
    const claims = await this.#claims(configuration, new URL(this.baseUrl() + path), {
      expectedState: state,
      expectedNonce: nonce,
      pkceCodeVerifier: verifier,
      idTokenExpected: true,
    });
    const { sub, email, email_verified, name } = claims;
    if (!/^[^\p{Cc}]{1,255}$/u.test(sub)) throw notSignedIn();
    const checked = emailSchema.safeParse(email);
    if (!checked.success || email_verified !== true) throw new NoEmail();
    return {
      subject: `${configuration.serverMetadata().issuer} ${sub}`,
      email: checked.data,
      name: nameOf(name) || checked.data,
      role: this.#roleOf(claims),
    };
  }

  /** What the id token says, and the rest that providers keep for the userinfo endpoint. */
  async #claims(
    configuration: client.Configuration,
    url: URL,
    checks: client.AuthorizationCodeGrantChecks,
  ): Promise<Record<string, unknown> & { sub: string }> {
    try {
      const tokens = await client.authorizationCodeGrant(configuration, url, checks);
      const claims = tokens.claims();
      if (claims === undefined) throw new Error('an id token was expected and is missing');
      if (!configuration.serverMetadata().userinfo_endpoint) return claims;
      return { ...claims, ...(await client.fetchUserInfo(configuration, tokens.access_token, claims.sub)) };
    } catch (error) {
      this.#note(error);
      throw notSignedIn();
    }
  }

  /** No whole errors: they carry answers of the provider's, with tokens and claims. */
  #note(error: unknown): void {
    const { name, message, code, error: said } = error as Error & { code?: string; error?: string };
    this.log.warn({ name, code, said, message }, 'the OpenID provider did not sign somebody in');
  }

  #roleOf(claims: Record<string, unknown>): Role | null {
    const claim = this.settings.roleClaim === null ? undefined : claims[this.settings.roleClaim];
    const named: readonly unknown[] = Array.isArray(claim) ? claim : [claim];
    return ROLES.find((role) => named.includes(role)) ?? null;
  }

  /** Asked for once; a provider that did not answer is asked again the next time. */
  async #discover(): Promise<client.Configuration> {
    const { issuer, clientId, clientSecret } = this.settings;
    const url = new URL(issuer);
    this.#configuration ??= client.discovery(
      url,
      clientId,
      undefined,
      clientSecret === null ? client.None() : client.ClientSecretBasic(clientSecret),
      // The settings take plain http on this machine only.
      { timeout: TIMEOUT, ...(url.protocol === 'http:' && { execute: [client.allowInsecureRequests] }) },
    );
    try {
      return await this.#configuration;
    } catch (error) {
      this.#configuration = undefined;
      this.#note(error);
      throw new AppError('UNAVAILABLE', 'Your provider does not answer. Try again in a moment.');
    }
  }
}

function notSignedIn(): AppError {
  return new AppError('UNAUTHENTICATED', 'Your provider did not sign you in. Try again.');
}

/** What the provider says, as one line that can be stored; nobody is kept out by their name. */
function nameOf(claim: unknown): string {
  const line =
    typeof claim === 'string'
      ? claim
          .toWellFormed()
          .replaceAll(/\p{Cc}+/gu, ' ')
          .trim()
      : '';
  return [...line].slice(0, MAX_NAME).join('').trim();
}

/** Three values that can't be told from each other or led back to the secret. */
function derive(secret: string) {
  return {
    state: hashSecret(`${secret} state`),
    nonce: hashSecret(`${secret} nonce`),
    verifier: hashSecret(`${secret} verifier`),
  };
}
