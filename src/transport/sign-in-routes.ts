import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { z } from 'zod';
import { TooManyTries } from '../access/sign-in-limits.js';
import type { SignInParts } from '../access/sign-in-parts.js';
import { email, password } from '../access/user.inputs.js';
import { AppError } from '../errors.js';
import { parseInput } from '../graphql/parse-input.js';
import { addOidcRoutes } from './oidc-routes.js';
import type { OpenSession } from './open-session.js';
import { isAllowedOrigin } from './origin.js';

/** Bytes. An e-mail, a password and the secret of a link are far below. */
const BODY_LIMIT = 8_192;
const FORM = 'application/x-www-form-urlencoded';

/** What the routes of signing in need. */
export interface SignInRoutesOptions extends SignInParts {
  publicUrl: string | null;
  open: OpenSession;
}

/**
 * `POST /sign-in`, `/forgot-password` and `/reset-password`, with JSON, or with a form of our own page: then every answer is
 * a redirect, to the start page or to what the page says about the error. `GET /sign-in/ways` tells what else there is.
 */
export async function addSignInRoutes(app: FastifyInstance, options: SignInRoutesOptions): Promise<void> {
  const { signIn, links, limits, publicUrl, open } = options;
  const letters = new Set<Promise<void>>();
  app.addHook('onClose', async () => void (await Promise.all(letters)));

  // In a room of its own: forms, which other sites can send without asking first, are taken here only.
  await app.register(async (scope) => {
    scope.addContentTypeParser(FORM, { parseAs: 'string' }, async (_request: FastifyRequest, body: string) =>
      Object.fromEntries(new URLSearchParams(body)),
    );
    const post = (path: string, work: (request: FastifyRequest, reply: FastifyReply) => Promise<void>) =>
      scope.post(path, { bodyLimit: BODY_LIMIT, config: { allow: 'everyone' } }, async (request, reply) => {
        reply.header('cache-control', 'no-store');
        return await answer(request, reply, publicUrl, work);
      });

    post('/sign-in', async (request, reply) => {
      const given = parseInput(z.strictObject({ email, password }), request.body);
      await open(request, reply, await signIn.byPassword({ ...given, address: request.ip }));
    });

    post('/reset-password', async (request, reply) => {
      const given = parseInput(z.strictObject({ link: z.string().max(100, 'is no link'), password }), request.body);
      await open(request, reply, await links.redeem(given.link, given.password, request.ip));
    });

    post('/forgot-password', async (request) => {
      const given = parseInput(z.strictObject({ email }), request.body);
      await limits.charge('address', request.ip);
      await limits.charge('mail', given.email);
      // Nobody waits for it: how long it takes would tell whether there is such an account.
      const letter = links
        .mailTo(given.email, request.ip)
        .catch((error: unknown) => request.log.warn({ err: error }, 'a link for a forgotten password was not mailed'))
        .finally(() => letters.delete(letter));
      letters.add(letter);
    });
  });

  const ways = { password: true, mail: options.canMail, oidc: options.oidc !== null };
  app.get('/sign-in/ways', { config: { allow: 'everyone' } }, (_request, reply) =>
    reply.header('cache-control', 'no-cache').send(ways),
  );
  if (options.oidc) addOidcRoutes(app, { ...options, oidc: options.oidc });
}

/** 204 for programs, a redirect for forms. */
async function answer(
  request: FastifyRequest,
  reply: FastifyReply,
  publicUrl: string | null,
  work: (request: FastifyRequest, reply: FastifyReply) => Promise<void>,
): Promise<FastifyReply> {
  const isForm = request.headers['content-type']?.startsWith(FORM) ?? false;
  try {
    if (!isAllowedOrigin(request.headers.origin, request.headers.host, publicUrl)) {
      throw new AppError('FORBIDDEN', 'A page of another site may not sign you in.');
    }
    await work(request, reply);
    return isForm ? reply.redirect('/', 303) : reply.code(204).send();
  } catch (error) {
    if (error instanceof TooManyTries) reply.header('retry-after', error.retryAfter);
    if (error instanceof AppError && error.code === 'UNAUTHENTICATED') reply.header('www-authenticate', 'Bearer');
    if (isForm && error instanceof AppError) return reply.redirect(`${request.url}#${error.code}`, 303);
    throw error;
  }
}
