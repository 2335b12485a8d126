import type { FastifyInstance } from 'fastify';
import { z } from 'zod';
import { keyed } from '../graphql/connection.js';
import { countMailings, listMailings } from '../mailing/list-mailings.js';
import { findMailing } from '../mailing/mailings.js';
import { MailingStatistics, readOverall } from '../report/statistics.js';
import { counts } from './mailing-shown.js';
import { type PageQuery, pageShape, readPage, toPage } from './pages.js';
import { parameters } from './parameters.js';
import { callOf, idOf } from './resource.js';
import { byId, id, type RestParts } from './rest-api.js';

const mailingStatistics = z
  .object({
    mailingId: id.describe('Which mailing.'),
    name: z.string().describe('Its name.'),
    launched: z.boolean(),
    shouldGo: z.int(),
    went: z.int(),
    messages: counts,
  })
  .meta({ id: 'MailingStatistics', graphql: 'MailingStatistics' });

const statistics = z
  .object({
    mailingCount: z.int(),
    launchedCount: z.int(),
    messages: counts,
    mailings: z.array(mailingStatistics).describe('Each mailing in numbers, newest first: a page.'),
  })
  .meta({ id: 'Statistics', graphql: 'Statistics' });

/** `/statistics`: all mailings in numbers, and `/mailings/{id}/statistics`: one. */
export function addStatistics(api: FastifyInstance, parts: RestParts): void {
  const config = { allow: 'mailings:read' } as const;
  const tags = ['statistics'];

  api.get('/statistics', {
    config,
    schema: {
      operationId: 'getStatistics',
      summary: 'All mailings in numbers',
      tags,
      querystring: parameters(pageShape),
      response: { 200: statistics },
    },
    handler: async (request, reply) => {
      const { em } = callOf(request, parts);
      const keyset = readPage(request.query as PageQuery, 'mailing');
      const rows = keyed(await listMailings(em, {}, keyset));
      const listed = { keyset, ...rows, list: 'mailing', count: () => countMailings(em, {}) };
      const mailings = (await toPage(request, reply, listed)).map((mailing) => toShown(new MailingStatistics(mailing)));
      return reply.send({ ...(await readOverall(parts.pool)), mailings });
    },
  });

  api.get('/mailings/:id/statistics', {
    config,
    schema: {
      operationId: 'getMailingStatistics',
      summary: 'One mailing in numbers',
      tags,
      params: byId,
      response: { 200: mailingStatistics },
    },
    handler: async (request, reply) => {
      const { em } = callOf(request, parts);
      return reply.send(toShown(new MailingStatistics(await findMailing(em, idOf(request)))));
    },
  });
}

function toShown({ mailing, ...numbers }: MailingStatistics): z.output<typeof mailingStatistics> {
  return { ...numbers, mailingId: mailing.id, name: mailing.name };
}
