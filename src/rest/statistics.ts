import type { FastifyInstance } from 'fastify';
import { z } from 'zod';
import { timeZone } from '../client/client.inputs.js';
import { keyed } from '../graphql/connection.js';
import { countMailings, listMailings } from '../mailing/list-mailings.js';
import { findMailing } from '../mailing/mailings.js';
import { StatisticsGroupBy } from '../report/group-messages.js';
import { StatisticsReader } from '../report/read-statistics.js';
import { MailingStatistics } from '../report/statistics.js';
import { counts } from './mailing-shown.js';
import { type PageQuery, pageShape, readPage, toPage } from './pages.js';
import { parameters } from './parameters.js';
import { instant } from './ranges.js';
import { callOf, idOf } from './resource.js';
import { anyZone, byId, id, type RestParts } from './rest-api.js';

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

const group = z
  .object({
    key: z.string().nullable(),
    name: z.string().nullable().describe('The name of the mailing, when grouped so; else null.'),
    messages: counts,
  })
  .meta({ id: 'StatisticsGroup', graphql: 'StatisticsGroup' });

const question = {
  groupBy: z.enum(StatisticsGroupBy).describe('What to tell the messages apart by.'),
  from: instant.describe(
    'Only from this moment on, in quarters of an hour. A message counts when it was sent; one that was not, at its last attempt, or else when it was made.',
  ),
  to: instant.describe('Only up to this moment, itself not included.'),
  timeZone: timeZone(anyZone).describe("For hours: by this zone's clock. Left out: by each client's own."),
};

interface Asked {
  groupBy?: StatisticsGroupBy;
  from?: string;
  to?: string;
  timeZone?: string;
}

const statistics = z
  .object({
    mailingCount: z.int(),
    launchedCount: z.int(),
    messages: counts,
    groups: z.array(group).nullable(),
    asOf: z.date(),
    uncountedMailings: z.int(),
    mailings: z.array(mailingStatistics).describe('Each mailing in numbers, newest first: a page.'),
  })
  .meta({ id: 'Statistics', graphql: 'Statistics' });

/** `/statistics`: all mailings in numbers, and `/mailings/{id}/statistics`: one. */
export function addStatistics(api: FastifyInstance, parts: RestParts): void {
  const config = { allow: 'mailings:read' } as const;
  const tags = ['statistics'];
  const reader = new StatisticsReader(parts);

  api.get('/statistics', {
    config,
    schema: {
      operationId: 'getStatistics',
      summary: 'All mailings and their messages in numbers',
      tags,
      querystring: parameters({ ...question, ...pageShape }),
      response: { 200: statistics },
    },
    handler: async (request, reply) => {
      const { em } = callOf(request, parts);
      const { groupBy, from, to, timeZone, ...page } = request.query as PageQuery & Asked;
      const keyset = readPage(page, 'mailing');
      const period = from === undefined && to === undefined ? null : { from, to };
      const numbers = await reader.read(em, { period, groupBy: groupBy ?? null, timeZone }, []);
      const groups = numbers.groups?.map((group) => ({ ...group, name: group.mailing?.name ?? null })) ?? null;
      const rows = keyed(await listMailings(em, {}, keyset));
      const listed = { keyset, ...rows, list: 'mailing', count: () => countMailings(em, {}) };
      const mailings = (await toPage(request, reply, listed)).map((mailing) => toShown(new MailingStatistics(mailing)));
      return reply.send({ ...numbers, groups, mailings });
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
