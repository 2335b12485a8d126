import type { FastifyInstance } from 'fastify';
import { z } from 'zod';
import { firstSchema, MAX_PAGE } from '../graphql/connection.js';
import { parseInput } from '../graphql/parse-input.js';
import { askAudience } from '../mailing/ask-audience.js';
import { audienceFilterSchema } from '../mailing/audience.inputs.js';
import { presentClients, shownClient } from './clients.js';
import { warning } from './forecasts.js';
import { callOf } from './resource.js';
import { anyZone, type RestParts } from './rest-api.js';

const asked = z
  .strictObject({
    filter: audienceFilterSchema(anyZone).nullish().describe('As of a mailing; left out: everybody.'),
    first: firstSchema.nullish().describe(`How many \`sample\` shows, 1 to ${MAX_PAGE}; left out: 10.`),
  })
  .meta({ id: 'AudienceQuestion', description: 'Whose number is asked for.' });

const shown = z
  .object({ count: z.int(), sample: z.array(shownClient), warnings: z.array(warning) })
  .meta({ id: 'Audience', graphql: 'Audience' });

/** `/audience`: who a mailing with a filter would go to. Filters may not fit into an address, so it is a POST. */
export function addAudience(api: FastifyInstance, parts: RestParts): void {
  api.post('/audience', {
    config: { allow: 'clients:read' },
    schema: {
      operationId: 'askAudience',
      summary: 'Who a mailing with this filter would go to, counted exactly',
      tags: ['mailings'],
      body: asked,
      response: { 200: shown },
    },
    handler: async (request, reply) => {
      const call = callOf(request, parts);
      const { first } = parseInput(asked, request.body);
      const audience = await askAudience(parts, call.em, (request.body as { filter?: unknown }).filter);
      const sample = await presentClients(call, await audience.sample(first ?? 10));
      return reply.send({ count: await audience.count(), sample, warnings: await audience.warnings() });
    },
  });
}
