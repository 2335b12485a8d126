import type { FastifyInstance } from 'fastify';
import { z } from 'zod';
import type { RestParts } from './rest-api.js';

const timeZone = z
  .object({ name: z.string(), offset: z.string(), localTime: z.string() })
  .meta({ id: 'TimeZone', graphql: 'TimeZoneInfo' });

/** `/time-zones`: the dictionary of zones that a client may have. */
export function addTimeZones(api: FastifyInstance, { timeZones }: RestParts): void {
  api.get('/time-zones', {
    config: { allow: 'signed-in' },
    schema: {
      operationId: 'listTimeZones',
      summary: 'The time zones that a client may have, by name',
      tags: ['dictionaries'],
      response: { 200: z.array(timeZone) },
    },
    handler: async (_request, reply) => reply.send(await timeZones.now()),
  });
}
