import type { FastifyInstance, FastifyRequest } from 'fastify';
import { z } from 'zod';
import type { Actor } from '../access/actor.js';
import { type ListedRows, type PageQuery, pageShape, toPage } from './pages.js';
import { parameters } from './parameters.js';
import { actorOf, byId, REST_PATH, type RestParts } from './rest-api.js';
import { isKnown, type Revised, requiredRevision } from './revision.js';

/** Who asks for what, and with which entities. */
export interface Call extends RestParts {
  actor: Actor;
  /** The header `Idempotency-Key`, as it came. */
  key: string | undefined;
}

/** One kind of thing that can be listed, made, looked at, replaced, changed and deleted. */
export interface Resource<T extends Revised & { id: string }> {
  /** The word for one, and for all: paths, permissions, names and summaries are made of them. */
  one: 'client' | 'mailing';
  all: 'clients' | 'mailings';
  /** Whether one is made once by the same `Idempotency-Key`. A client is made once by its phone: again is 409. */
  takesKey: boolean;
  /** How one is shown. */
  shown: z.ZodType;
  /** What a list may be asked for. */
  filter: Readonly<Record<string, z.ZodType>>;
  /** The bodies, as documents have them. The functions below check them, as they do for GraphQL. */
  bodies: { create: z.ZodType; replace: z.ZodType; change: z.ZodType };
  list(call: Call, page: PageQuery, filter: Record<string, unknown>): Promise<ListedRows<T>>;
  find(call: Call, id: string): Promise<T>;
  create(call: Call, body: unknown): Promise<T>;
  /** @param matched the header's, asked for once the body is known to be good: what is wrong with that goes before 412 (RFC 9110 §13.2.1) */
  replace(call: Call, id: string, body: unknown, matched: Matched): Promise<T>;
  change(call: Call, id: string, body: unknown, matched: Matched): Promise<T>;
  /** @param revision must be the present one; undefined: may be any */
  remove(call: Call, id: string, revision: number | undefined): Promise<unknown>;
  /** As `shown` has them, in their order. */
  present(call: Call, things: readonly T[]): Promise<object[]>;
}

/** The revision that `If-Match` asks for; undefined: none. @throws AppError when it is not the present one */
type Matched = () => Promise<number | undefined>;

/** Answers that hold no body. */
export const nothing = z.undefined();

/** Of requests that make something. */
export const keyHeader = z.object({
  'idempotency-key': z
    .string()
    .min(1)
    .max(200)
    .meta({ pattern: '\\S' })
    .optional()
    .describe(
      'Made up by you: the same key with the same body within three days makes nothing new. GraphQL has the same keys.',
    ),
});
/** Of requests that are meant for one state of a thing. */
export const matchHeader = z.object({
  'if-match': z.string().optional().describe('An `ETag`: 412 when somebody changed it since.'),
});
const knownHeader = z.object({
  'if-none-match': z.string().optional().describe('An `ETag`: 304 when it is still that.'),
});

/** Puts the six routes of a resource on the API. */
export function addResource<T extends Revised & { id: string }>(
  api: FastifyInstance,
  parts: RestParts,
  resource: Resource<T>,
): void {
  const { one, all, shown, bodies } = resource;
  const [path, tags] = [`/${all}`, [all]];
  const read = { allow: `${all}:read` } as const;
  const write = { allow: `${all}:write` } as const;
  const named = (verb: string) => `${verb}${one[0]?.toUpperCase()}${one.slice(1)}`;
  const show = async (call: Call, thing: T) => (await resource.present(call, [thing]))[0];

  api.get(path, {
    config: read,
    schema: {
      operationId: `${named('list')}s`,
      summary: `All ${all}, newest first`,
      tags,
      querystring: parameters({ ...resource.filter, ...pageShape }),
      response: { 200: z.array(shown) },
    },
    handler: async (request, reply) => {
      const { limit, cursor, count, ...filter } = request.query as PageQuery & Record<string, unknown>;
      const call = callOf(request, parts);
      const page = await toPage(request, reply, await resource.list(call, { limit, cursor, count }, filter));
      return reply.send(await resource.present(call, page));
    },
  });

  api.post(path, {
    config: { ...write, action: `${one}Create` },
    schema: {
      operationId: named('create'),
      summary: `Make a ${one}`,
      tags,
      ...(resource.takesKey && { headers: keyHeader }),
      body: bodies.create,
      response: { 201: shown },
    },
    handler: async (request, reply) => {
      const call = callOf(request, parts);
      const made = await resource.create(call, request.body);
      isKnown(request, reply, made);
      reply.code(201).header('location', `${REST_PATH}${path}/${made.id}`);
      return reply.send(await show(call, made));
    },
  });

  api.get(`${path}/:id`, {
    config: read,
    schema: {
      operationId: named('get'),
      summary: `One ${one}`,
      tags,
      params: byId,
      headers: knownHeader,
      response: { 200: shown, 304: nothing },
    },
    handler: async (request, reply) => {
      const call = callOf(request, parts);
      const found = await resource.find(call, idOf(request));
      return isKnown(request, reply, found) ? reply.code(304).send() : reply.send(await show(call, found));
    },
  });

  const edits = [
    ['PUT', 'replace', `Replace what people decide of a ${one}`, bodies.replace],
    ['PATCH', 'change', `Change the given fields of a ${one}`, bodies.change],
  ] as const;
  for (const [method, verb, summary, body] of edits) {
    api.route({
      method,
      url: `${path}/:id`,
      config: { ...write, action: `${one}Update` },
      schema: {
        operationId: named(verb),
        summary,
        tags,
        params: byId,
        headers: matchHeader,
        body,
        response: { 200: shown },
      },
      handler: async (request, reply) => {
        const call = callOf(request, parts);
        const id = idOf(request);
        const matched = () => requiredRevision(request, () => resource.find(call, id));
        const edited = await resource[verb](call, id, request.body, matched);
        isKnown(request, reply, edited);
        return reply.send(await show(call, edited));
      },
    });
  }

  api.delete(`${path}/:id`, {
    config: { ...write, action: `${one}Delete` },
    schema: {
      operationId: named('delete'),
      summary: `Delete a ${one}`,
      tags,
      params: byId,
      headers: matchHeader,
      response: { 204: nothing },
    },
    handler: async (request, reply) => {
      const call = callOf(request, parts);
      const id = idOf(request);
      await resource.remove(call, id, await requiredRevision(request, () => resource.find(call, id)));
      return reply.code(204).send();
    },
  });
}

/** Of the thing that the address names. */
export const idOf = (request: FastifyRequest) => (request.params as z.output<typeof byId>).id;

/** What one request works with. */
export function callOf(request: FastifyRequest, parts: RestParts): Call {
  return {
    ...parts,
    em: parts.em.fork(),
    actor: actorOf(request),
    key: request.headers['idempotency-key'] as string | undefined,
  };
}
