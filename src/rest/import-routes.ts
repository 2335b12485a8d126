import { Readable } from 'node:stream';
import fastify, { type FastifyInstance, type FastifyRequest } from 'fastify';
import { z } from 'zod';
import { type ClientJob, ClientJobKind } from '../bulk/client-job.js';
import { cancelJob, findJob } from '../bulk/client-jobs.js';
import { DELIMITERS, ENCODINGS, limitBytes } from '../bulk/decode-text.js';
import { exportRejects } from '../bulk/export-rejects.js';
import { CONFLICT_RULES, columnMeaning, DELIMITER_NAMES, parseImportOptions } from '../bulk/import-options.js';
import { type ImportPlan, stageImport } from '../bulk/stage-import.js';
import { timeZone } from '../client/client.inputs.js';
import { AppError } from '../errors.js';
import { keyedCall } from '../graphql/idempotency-key.js';
import { notFound } from '../graphql/parse-input.js';
import { arriving } from '../transport/body-time.js';
import { shownJob } from './client-jobs.js';
import { parameters } from './parameters.js';
import { callOf, idOf, keyHeader } from './resource.js';
import { anyZone, byId, REST_PATH, type RestParts } from './rest-api.js';

/** Files that are taken in at the same time, by one process: each has some MB of memory, and its lines are checked here. */
const MOST_FILES = 3;
/** When one that was refused may be sent again, s. */
const AGAIN = '30';
const FILE_TYPES = ['text/csv', 'application/octet-stream'];

const shown = shownJob.meta({ id: 'Import', graphql: 'ClientJob' });

const options = parameters({
  onConflict: z
    .enum(CONFLICT_RULES)
    .describe(
      'What wins where a client with the phone is there: keep it; overwrite what the file has columns for; or merge: tags are added, empty cells change nothing. Left out: overwrite.',
    ),
  encoding: z.enum(['auto', ...ENCODINGS]).describe('Of the file; left out: auto.'),
  delimiter: z.enum(DELIMITER_NAMES).describe('What parts its cells; left out: auto.'),
  dryRun: z.boolean().describe('Only count what would be done.'),
  timeZone: timeZone(anyZone).describe(
    'Where new clients live whose line does not say; left out: such a line is an error.',
  ),
  map: z
    .array(columnMeaning)
    .describe(
      'What a column is for, as `column:meaning`: phone, operator_code, tags, time_zone, the name of an attribute, or - for nothing.',
    ),
});

/** `/clients/import`: a file comes in, a job brings its clients in. */
export function addImports(api: FastifyInstance, parts: RestParts): void {
  takeFiles(api);
  const tags = ['clients'];
  const config = { allow: 'clients:write' } as const;
  let arrivingNow = 0;

  api.post('/clients/import', {
    config: { ...config, action: 'clientsImport', takesFile: true },
    schema: {
      operationId: 'importClients',
      summary: 'Import a CSV file',
      description:
        'Answers once the whole file has been taken in and checked; a job then brings it in. Ask for its state, or subscribe to `importProgress` over GraphQL.',
      tags,
      consumes: FILE_TYPES,
      querystring: options,
      headers: keyHeader,
      body: z.string().describe('The file, however large (IMPORT_MAX_BYTES). Its first line names the columns.'),
      response: { 202: shown },
    },
    handler: async (request, reply) => {
      const { actor, timeZones, scheduler, em, key } = callOf(request, parts);
      const call = keyedCall(actor, 'clientsImport', key, request.query);
      const zones = await timeZones.load();
      const options = parseImportOptions(request.query, zones);
      if (!(request.body instanceof Readable)) throw new fastify.errorCodes.FST_ERR_CTP_INVALID_MEDIA_TYPE('');
      if (arrivingNow >= MOST_FILES) {
        reply.header('retry-after', AGAIN);
        throw new AppError('RATE_LIMITED', `${MOST_FILES} files are arriving just now: try again in a minute.`);
      }
      arrivingNow += 1;
      try {
        const file = limitBytes(arriving(request.raw), parts.importMaxBytes, request.headers['content-length']);
        const jobId = await stageImport(parts.files, file, options, zones, actor, call && { em, call });
        await scheduler.ring('client.job', { jobId });
        reply.code(202).header('location', `${REST_PATH}/clients/import/${jobId}`);
        return reply.send(await findJob(parts.pool, jobId));
      } catch (error) {
        // What is still on its way is not waited for.
        reply.header('connection', 'close');
        throw error;
      } finally {
        arrivingNow -= 1;
      }
    },
  });

  api.get('/clients/import/:id', {
    config: { allow: 'clients:read' },
    schema: { operationId: 'getImport', summary: 'How far an import is', tags, params: byId, response: { 200: shown } },
    handler: async (request, reply) => reply.send(await findImport(parts, request)),
  });

  api.post('/clients/import/:id/cancel', {
    config: { ...config, action: 'clientJobCancel' },
    schema: {
      operationId: 'cancelImport',
      summary: 'Stop an import; what is done stays done',
      tags,
      params: byId,
      response: { 200: shown },
    },
    handler: async (request, reply) => {
      const { id } = await findImport(parts, request);
      return reply.send(await cancelJob(parts, id));
    },
  });

  api.get('/clients/import/:id/rejects', {
    config,
    exposeHeadRoute: false,
    schema: {
      operationId: 'getImportRejects',
      summary:
        'The lines that were left out, as CSV, with what is wrong with each: mend them and import the file again',
      tags,
      params: byId,
      querystring: parameters({ bom: z.boolean().describe('Begin with a byte order mark; left out: false.') }),
      response: { 200: { description: 'The lines as they came.', content: { 'text/csv': { schema: z.string() } } } },
    },
    handler: async (request, reply) => {
      const { actor } = callOf(request, parts);
      actor.need('clients:phones', 'rejects');
      const job = await findImport(parts, request);
      const { delimiter } = job.params as ImportPlan;
      const [name = 'comma'] = Object.entries(DELIMITERS).find(([, value]) => value === delimiter) ?? [];
      const style = { ...(request.query as { bom?: boolean }), delimiter: name as keyof typeof DELIMITERS };
      return parts.downloads.send(reply, actor, `rejects-${job.id}`, style, async (signal) =>
        exportRejects(parts.files, job, signal),
      );
    },
  });
}

async function findImport(parts: RestParts, request: FastifyRequest): Promise<ClientJob> {
  const job = await findJob(parts.pool, idOf(request));
  if (job.kind !== ClientJobKind.IMPORT) throw notFound('import');
  return job;
}

/** A file is handed on as it comes; no other route takes one. */
function takeFiles(api: FastifyInstance): void {
  api.addContentTypeParser(FILE_TYPES, (request, payload, done) => {
    const { takesFile } = request.routeOptions.config;
    if (takesFile && request.headers['content-encoding'] === undefined) done(null, payload);
    else done(new fastify.errorCodes.FST_ERR_CTP_INVALID_MEDIA_TYPE(request.headers['content-type']));
  });
}
