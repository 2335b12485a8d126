import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import Provider, { type Context } from 'oidc-provider';

/** Somebody at the provider, as it tells of them. */
export interface ProviderPerson {
  sub: string;
  email?: string;
  email_verified?: boolean;
  name?: string;
  heliograph_role?: string | string[];
}

/** An OpenID provider of the tests' own: whoever comes is taken for `person`, without being asked. */
export interface OwnProvider {
  issuer: string;
  person: ProviderPerson;
  close(): Promise<void>;
}

/** The one client it knows. */
export const OIDC_CLIENT = { clientId: 'heliograph', clientSecret: 'a-secret-of-the-tests' };

/** @param redirectUri where our client may have people sent back to, once it is known */
export async function startProvider(redirectUri: () => string): Promise<OwnProvider> {
  const server = createServer();
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const issuer = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  let provider: Provider | undefined;
  const own: OwnProvider = {
    issuer,
    person: { sub: 'nobody' },
    close: async () => {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
  server.on('request', async (request, response) => {
    // Made at the first request, when it is known where our server listens.
    provider ??= makeProvider(own, redirectUri());
    if (!request.url?.startsWith('/interaction/')) return await provider.callback()(request, response);
    await provider.interactionFinished(request, response, { login: { accountId: own.person.sub } });
  });
  return own;
}

function makeProvider(own: OwnProvider, redirectUri: string): Provider {
  const provider: Provider = new Provider(own.issuer, {
    clients: [
      {
        client_id: OIDC_CLIENT.clientId,
        client_secret: OIDC_CLIENT.clientSecret,
        redirect_uris: [redirectUri],
        response_types: ['code'],
        grant_types: ['authorization_code'],
      },
    ],
    pkce: { required: () => true },
    claims: { openid: ['sub', 'heliograph_role'], email: ['email', 'email_verified'], profile: ['name'] },
    cookies: { keys: ['a key of the tests'] },
    features: { devInteractions: { enabled: false } },
    interactions: { url: (_context: Context, { uid }: { uid: string }) => `/interaction/${uid}` },
    findAccount: (_context: Context, accountId: string) => ({ accountId, claims: async () => own.person }),
    loadExistingGrant: async ({ oidc }: Context) => {
      const grant = new provider.Grant({ clientId: oidc.client.clientId, accountId: oidc.session.accountId });
      grant.addOIDCScope('openid email profile');
      await grant.save();
      return grant;
    },
  });
  return provider;
}
