import type { FastifyInstance } from 'fastify';
import { z } from 'zod';
import { DELIMITERS } from '../bulk/decode-text.js';
import { clientFilterSchema, parseClientFilter } from '../client/client-filter.js';
import { exportClients } from '../client/export-clients.js';
import { findMailing } from '../mailing/mailings.js';
import { exportMessages } from '../message/export-messages.js';
import type { CsvStyle } from './downloads.js';
import { messageFilterShape, readMessageFilter } from './messages.js';
import { parameters } from './parameters.js';
import { callOf, idOf } from './resource.js';
import { anyZone, byId, type RestParts } from './rest-api.js';

const styleShape = {
  delimiter: z
    .enum(Object.keys(DELIMITERS) as (keyof typeof DELIMITERS)[])
    .describe('What parts the cells; left out: comma.'),
  bom: z.boolean().describe('Begin with a byte order mark, so that Excel takes the file for UTF-8; left out: false.'),
};

const file = {
  description: 'A file in UTF-8, as RFC 4180 has it.',
  content: { 'text/csv': { schema: z.string() } },
};

/** `/clients.csv` and `/mailings/{id}/messages.csv`: everything that a list would show, in one stream. */
export function addExports(api: FastifyInstance, parts: RestParts): void {
  api.get('/clients.csv', {
    config: { allow: 'clients:read' },
    exposeHeadRoute: false,
    schema: {
      operationId: 'exportClients',
      summary: 'All clients that match, as CSV',
      description: 'Phones are masked for those who may not see them. Cells that would be formulas begin with a quote.',
      tags: ['clients'],
      querystring: parameters({ ...clientFilterSchema(anyZone).shape, ...styleShape }),
      response: { 200: file },
    },
    handler: async (request, reply) => {
      const { actor, timeZones } = callOf(request, parts);
      const { delimiter, bom, ...given } = request.query as CsvStyle;
      const filter = parseClientFilter(given, await timeZones.load(), actor, []);
      const isMasked = !actor.can('clients:phones');
      return parts.downloads.send(reply, actor, 'clients', { delimiter, bom }, (signal) =>
        exportClients(parts.files, filter, { isMasked, signal }),
      );
    },
  });

  api.get('/mailings/:id/messages.csv', {
    config: { allow: 'mailings:read' },
    exposeHeadRoute: false,
    schema: {
      operationId: 'exportMessages',
      summary: 'All messages of a mailing, as CSV',
      description: 'Phones are masked for those who may not see them. Cells that would be formulas begin with a quote.',
      tags: ['messages'],
      params: byId,
      querystring: parameters({ ...messageFilterShape, ...styleShape }),
      response: { 200: file },
    },
    handler: async (request, reply) => {
      const { actor, em } = callOf(request, parts);
      const { delimiter, bom, ...given } = request.query as CsvStyle;
      const filter = readMessageFilter(given, actor);
      const { id } = await findMailing(em, idOf(request));
      const isMasked = !actor.can('clients:phones');
      return parts.downloads.send(reply, actor, `mailing-${id}`, { delimiter, bom }, (signal) =>
        exportMessages({ em, pool: parts.files, isMasked, signal }, id, filter),
      );
    },
  });
}
