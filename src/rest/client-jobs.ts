import type { FastifyInstance } from 'fastify';
import { z } from 'zod';
import { BULK_ACTIONS, type BulkInput, type BulkKind, MAX_IDS, startBulkJob, tagsSchema } from '../bulk/bulk-change.js';
import { ClientJobKind, ClientJobStatus } from '../bulk/client-job.js';
import { cancelJob, countJobs, findJob, listJobs } from '../bulk/client-jobs.js';
import { clientFilterSchema } from '../client/client-filter.js';
import { parseInput } from '../graphql/parse-input.js';
import { type PageQuery, pageShape, readPage, toPage } from './pages.js';
import { parameters } from './parameters.js';
import { callOf, idOf, keyHeader } from './resource.js';
import { anyZone, byId, id, REST_PATH, type RestParts } from './rest-api.js';

/** How far work on clients is. */
export const shownJob = z.object({
  id,
  status: z.enum(ClientJobStatus),
  dryRun: z.boolean(),
  total: z.int().nullable(),
  done: z.int(),
  created: z.int(),
  optedOut: z.int(),
  updated: z.int(),
  unchanged: z.int(),
  duplicates: z.int(),
  failed: z.int(),
  reason: z.string().nullable(),
  createdBy: z.string(),
  createdAt: z.date(),
  startedAt: z.date().nullable(),
  finishedAt: z.date().nullable(),
});
const shown = shownJob.extend({ kind: z.enum(ClientJobKind) }).meta({ id: 'ClientJob', graphql: 'ClientJob' });

const filter = clientFilterSchema(anyZone).meta({ id: 'ClientFilter', graphql: 'ClientFilterInput' });
const some = z
  .strictObject({
    filter: filter.nullish().describe('Whoever matches when the job gets to them. It needs a condition.'),
    ids: z.array(z.string()).max(MAX_IDS).nullish().describe('These; those that are not there are passed over.'),
  })
  .meta({ id: 'SomeClients', description: 'Which clients: either `filter` or `ids`.' });
const tagged = some
  .extend({ tags: tagsSchema.describe('Which tags.') })
  .meta({ id: 'ClientsAndTags', description: 'Which clients, either by `filter` or by `ids`, and which tags.' });

/** What can be done to many clients at once, at `/clients/bulk/<name>`. */
const CHANGES = {
  tag: [ClientJobKind.TAG, tagged, 'Add tags to many clients'],
  untag: [ClientJobKind.UNTAG, tagged, 'Take tags away from many clients'],
  'opt-out': [ClientJobKind.OPT_OUT, some, 'Note of many clients that they want no messages'],
  delete: [ClientJobKind.DELETE, some, 'Hide many clients, and free their phones'],
} as const satisfies Record<string, readonly [BulkKind, z.ZodType, string]>;

/** `/clients/bulk/…`: jobs that change many clients, and `/clients/jobs`: how far they and imports are. */
export function addClientJobs(api: FastifyInstance, parts: RestParts): void {
  const tags = ['clients'];
  const [read, write] = [{ allow: 'clients:read' }, { allow: 'clients:write' }] as const;

  for (const [name, [kind, body, summary]] of Object.entries(CHANGES)) {
    const action = BULK_ACTIONS[kind];
    api.post(`/clients/bulk/${name}`, {
      config: { ...write, action },
      schema: {
        operationId: action,
        summary: `${summary}, by a job`,
        tags,
        headers: keyHeader,
        body,
        response: { 202: shown },
      },
      handler: async (request, reply) => {
        parseInput(body, request.body);
        const call = callOf(request, parts);
        const job = await startBulkJob(call, kind, request.body as BulkInput, call.actor, call.key);
        return reply.code(202).header('location', `${REST_PATH}/clients/jobs/${job.id}`).send(job);
      },
    });
  }

  api.get('/clients/jobs', {
    config: read,
    schema: {
      operationId: 'listClientJobs',
      summary: 'Jobs on clients, imports too, newest first; those that are over are kept for 30 days',
      tags,
      querystring: parameters(pageShape),
      response: { 200: z.array(shown) },
    },
    handler: async (request, reply) => {
      const list = 'client-job';
      const keyset = readPage(request.query as PageQuery, list);
      const rows = await listJobs(parts.pool, keyset);
      const count = () => countJobs(parts.pool);
      return reply.send(await toPage(request, reply, { keyset, rows, list, keyOf: (row) => [row.id], count }));
    },
  });

  api.get('/clients/jobs/:id', {
    config: read,
    schema: { operationId: 'getClientJob', summary: 'How far a job is', tags, params: byId, response: { 200: shown } },
    handler: async (request, reply) => reply.send(await findJob(parts.pool, idOf(request))),
  });

  api.post('/clients/jobs/:id/cancel', {
    config: { ...write, action: 'clientJobCancel' },
    schema: {
      operationId: 'cancelClientJob',
      summary: 'Stop a job; what is done stays done',
      tags,
      params: byId,
      response: { 200: shown },
    },
    handler: async (request, reply) => reply.send(await cancelJob(parts, idOf(request))),
  });
}
