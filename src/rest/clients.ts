import type { FastifyInstance } from 'fastify';
import { z } from 'zod';
import { eraseClient } from '../care/erase.js';
import { clientSchema, parseClientChanges, parseNewClient } from '../client/client.inputs.js';
import type { Client } from '../client/client.js';
import { ClientFacets } from '../client/client-facets.js';
import { clientFilterSchema, parseClientFilter } from '../client/client-filter.js';
import { createClient, deleteClient, findClient, localTimes, updateClient } from '../client/clients.js';
import { ClientOrder, clientOrder, countClients, listClients } from '../client/list-clients.js';
import { readPage } from './pages.js';
import { parameters } from './parameters.js';
import { addResource, type Call, callOf, idOf, type Resource } from './resource.js';
import { anyZone, byId, id, type RestParts } from './rest-api.js';

/** How a client is shown. */
export const shownClient = z
  .object({
    id,
    phone: z.string(),
    operatorCode: z.string(),
    tags: z.array(z.string()),
    tag: z.string().nullable().describe('The first of `tags`, for those who have just one; null: there is none.'),
    timeZone: z.string(),
    localTime: z.string().nullable(),
    attributes: z.record(z.string(), z.union([z.string(), z.number(), z.boolean()])),
    optedOutAt: z.date().nullable(),
    createdAt: z.date(),
    updatedAt: z.date(),
    revision: z.int(),
  })
  .meta({ id: 'Client', graphql: 'Client' });

const create = clientSchema(anyZone).meta({ id: 'NewClient', graphql: 'ClientInput' });
const change = clientSchema(anyZone)
  .partial({ phone: true, timeZone: true })
  .meta({ id: 'ClientChanges', graphql: 'ClientInput' });

/** `/clients`: the people to reach. */
const clients: Resource<Client> = {
  one: 'client',
  all: 'clients',
  takesKey: false,
  shown: shownClient,
  filter: {
    ...clientFilterSchema(anyZone).shape,
    orderBy: z.enum(ClientOrder).describe('How they are sorted; left out: NEWEST.'),
  },
  bodies: { create, replace: create, change },

  async list({ em, timeZones, actor }, page, { orderBy, ...given }) {
    const order = (orderBy as ClientOrder | undefined) ?? ClientOrder.NEWEST;
    const { list, parts, keyOf } = clientOrder(order, actor);
    const keyset = readPage(page, list, parts);
    const filter = parseClientFilter(given, await timeZones.load(), actor, []);
    const rows = await listClients(em, filter, keyset, order);
    return { keyset, rows, list, keyOf, count: () => countClients(em, filter) };
  },
  find: ({ pool }, id) => findClient(pool, id),
  async create({ em, timeZones, actor }, body) {
    return await createClient(em, parseNewClient(body, await timeZones.load()), actor);
  },
  async replace({ em, timeZones, actor }, id, body, matched) {
    const zones = await timeZones.load();
    const { optedOut: _, ...whole } = parseNewClient(body, zones);
    // An opt-out that a body leaves out is not taken back by that.
    const { optedOut, revision: given } = parseClientChanges(body, zones);
    const decided = { ...whole, ...(optedOut === undefined ? {} : { optedOut }) };
    return await updateClient(em, id, { ...decided, ...required((await matched()) ?? given) }, actor);
  },
  async change({ em, timeZones, actor }, id, body, matched) {
    const changes = parseClientChanges(body, await timeZones.load());
    return await updateClient(em, id, { ...changes, ...required((await matched()) ?? changes.revision) }, actor);
  },
  remove: ({ em, actor }, id, revision) => deleteClient(em, id, actor, revision),
  present: presentClients,
};

/** Clients as they are shown. */
export async function presentClients(
  { em }: Pick<Call, 'em'>,
  rows: readonly Client[],
): Promise<z.output<typeof shownClient>[]> {
  const times = await localTimes(
    em,
    rows.map(({ timeZone }) => timeZone),
  );
  return rows.map((row, at) => ({ ...row, tag: row.tags[0] ?? null, localTime: times[at] ?? null }));
}

const facet = z.array(
  z.object({ value: z.string(), count: z.int() }).meta({ id: 'FacetValue', graphql: 'FacetValue' }),
);
const facets = z
  .object({ totalCount: z.int(), operatorCodes: facet, tags: facet, timeZones: facet })
  .meta({ id: 'ClientFacets', graphql: 'ClientFacets' });

const erased = z
  .object({ clients: z.int(), messages: z.int() })
  .meta({ id: 'ClientErased', graphql: 'ClientErasePayload' });

export function addClients(api: FastifyInstance, parts: RestParts): void {
  addResource(api, parts, clients);
  addErasing(api, parts);
  api.get('/clients/facets', {
    config: { allow: 'clients:read' },
    schema: {
      operationId: 'getClientFacets',
      summary: 'Which operator codes, tags and time zones clients have, and how many have them',
      tags: ['clients'],
      querystring: parameters(clientFilterSchema(anyZone).shape),
      response: { 200: facets },
    },
    handler: async (request, reply) => {
      const { em, timeZones, actor } = callOf(request, parts);
      const found = new ClientFacets(em, parseClientFilter(request.query, await timeZones.load(), actor, []));
      // One after the other: an entity manager has one connection.
      const totalCount = await found.totalCount();
      const operatorCodes = await found.operatorCodes();
      const tags = await found.tags();
      return reply.send({ totalCount, operatorCodes, tags, timeZones: await found.timeZones() });
    },
  });
}

function addErasing(api: FastifyInstance, parts: RestParts): void {
  api.post('/clients/erase/:id', {
    config: { allow: 'access:admin', action: 'clientErase' },
    schema: {
      operationId: 'eraseClient',
      summary:
        'Erase the personal data of a client, deleted or not, and of deleted ones with its phone; it cannot be undone',
      tags: ['clients'],
      params: byId,
      response: { 200: erased },
    },
    handler: async (request, reply) => {
      const { clients, messages } = await eraseClient(parts.pool, idOf(request), callOf(request, parts).actor);
      return reply.send({ clients, messages });
    },
  });
}

function required(revision: number | undefined): { revision?: number } {
  return revision === undefined ? {} : { revision };
}
