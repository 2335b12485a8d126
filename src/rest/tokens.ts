import type { FastifyInstance } from 'fastify';
import { z } from 'zod';
import { parseNewToken, tokenSchema } from '../access/api-token.inputs.js';
import { countTokens, createToken, listTokens, revokeToken, tokensFor } from '../access/api-tokens.js';
import { ALL_PERMISSIONS } from '../access/permission.js';
import { type PageQuery, pageShape, readPage, toPage } from './pages.js';
import { parameters } from './parameters.js';
import { callOf, idOf, nothing } from './resource.js';
import { byId, id, REST_PATH, type RestParts } from './rest-api.js';

const shown = z
  .object({
    id,
    name: z.string(),
    prefix: z.string(),
    scopes: z.array(z.enum(ALL_PERMISSIONS)),
    expiresAt: z.date().nullable(),
    lastUsedAt: z.date().nullable(),
    revokedAt: z.date().nullable(),
    createdAt: z.date(),
    createdBy: z.string(),
  })
  .meta({ id: 'Token', graphql: 'ApiToken' });

const made = shown
  .extend({ secret: z.string().describe('What to send as `Authorization: Bearer <secret>`. It is shown this once.') })
  .meta({ id: 'MadeToken', graphql: 'ApiToken' });

const create = tokenSchema.meta({ id: 'NewToken', graphql: 'TokenInput' });

/** `/tokens`: secrets for programs. People make them; tokens make none. */
export function addTokens(api: FastifyInstance, parts: RestParts): void {
  const config = { allow: 'signed-in' } as const;
  const tags = ['tokens'];

  api.get('/tokens', {
    config,
    schema: {
      operationId: 'listTokens',
      summary: 'Your tokens, newest first, with those that are over',
      tags,
      querystring: parameters({
        everybodys: z.boolean().describe('`true`: those of others too; needs the permission `access:admin`.'),
        ...pageShape,
      }),
      response: { 200: z.array(shown) },
    },
    handler: async (request, reply) => {
      const { em, actor } = callOf(request, parts);
      const { everybodys = false, ...page } = request.query as PageQuery & { everybodys?: boolean };
      const { owner, list } = tokensFor(actor, everybodys);
      const keyset = readPage(page, list);
      const rows = await listTokens(em, owner, keyset);
      const count = () => countTokens(em, owner);
      return reply.send(await toPage(request, reply, { keyset, rows, list, keyOf: ({ id }) => [id], count }));
    },
  });

  api.post('/tokens', {
    config: { ...config, action: 'tokenCreate' },
    schema: {
      operationId: 'createToken',
      summary: 'Make a token for a program of yours',
      tags,
      body: create,
      response: { 201: made },
    },
    handler: async (request, reply) => {
      const { em, actor } = callOf(request, parts);
      const { token, secret } = await createToken(em, actor, parseNewToken(request.body));
      return reply
        .code(201)
        .header('location', `${REST_PATH}/tokens/${token.id}`)
        .send({ ...token, secret });
    },
  });

  api.delete('/tokens/:id', {
    config: { ...config, action: 'tokenRevoke' },
    schema: {
      operationId: 'revokeToken',
      summary: 'End a token for good: your own, or with the permission `access:admin` anybody’s',
      tags,
      params: byId,
      response: { 204: nothing },
    },
    handler: async (request, reply) => {
      const { em, actor } = callOf(request, parts);
      await revokeToken(em, actor, idOf(request));
      return reply.code(204).send();
    },
  });
}
