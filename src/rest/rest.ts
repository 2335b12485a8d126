import swagger from '@fastify/swagger';
import type { FastifyError, FastifyInstance, FastifySchemaCompiler } from 'fastify';
import { serializerCompiler } from 'fastify-type-provider-zod';
import type { GraphQLSchema } from 'graphql';
import type { z } from 'zod';
import { parseInput } from '../graphql/parse-input.js';
import { addAudience } from './audience.js';
import { addClientJobs } from './client-jobs.js';
import { addClients } from './clients.js';
import { addExports } from './export-routes.js';
import { addForecasts } from './forecasts.js';
import { addImports } from './import-routes.js';
import { addMailings } from './mailings.js';
import { masked } from './mask.js';
import { addMessages } from './messages.js';
import { openApi } from './openapi.js';
import { problemOf, refuse } from './problem.js';
import { documentRefusals, refuseOtherMethods } from './refusals.js';
import { REST_PATH, type RestParts } from './rest-api.js';
import { addStatistics } from './statistics.js';
import { addTimeZones } from './time-zones.js';
import { addTokens } from './tokens.js';

const ROUTES = [
  addClients,
  addClientJobs,
  addImports,
  addExports,
  addMailings,
  addAudience,
  addForecasts,
  addMessages,
  addStatistics,
  addTimeZones,
  addTokens,
];

/**
 * Puts the REST API on the server: its document is the server's `swagger()` once that is ready.
 *
 * @param schema whose descriptions the document repeats
 */
export async function addRest(app: FastifyInstance, parts: RestParts, schema: GraphQLSchema): Promise<void> {
  await app.register(swagger, openApi(schema));
  await app.register(
    async (api) => {
      api.setValidatorCompiler(checkQuery);
      api.setSerializerCompiler(serializerCompiler);
      api.setErrorHandler<FastifyError>((error, request, reply) => refuse(reply, problemOf(error, request, parts.log)));
      api.setNotFoundHandler((_request, reply) =>
        refuse(reply, { status: 404, detail: 'There is nothing at this address.', code: 'NOT_FOUND', errors: [] }),
      );
      api.addHook('preSerialization', async (request, reply, payload) => {
        const answers = request.routeOptions.schema?.response as Record<string, unknown> | undefined;
        return request.identity?.actor.can('clients:phones') ? payload : masked(answers?.[reply.statusCode], payload);
      });
      takeEmptyBodies(api);
      api.addHook('onRoute', documentRefusals);
      const others = refuseOtherMethods(api);
      for (const add of ROUTES) add(api, parts);
      others.add();
    },
    { prefix: REST_PATH },
  );
}

/** Bodies are checked by the functions that take them, as for GraphQL; their schemas here are for documents. */
const checkQuery: FastifySchemaCompiler<z.ZodType> = ({ schema, httpPart }) => {
  if (httpPart !== 'querystring') return (value) => ({ value });
  return (value) => {
    try {
      return { value: parseInput(schema, value) };
    } catch (error) {
      return { error: error as Error };
    }
  };
};

/** Many programs say "JSON follows" with every POST, and then nothing does: fine where nothing is needed. */
function takeEmptyBodies(api: FastifyInstance): void {
  const parse = api.getDefaultJsonParser('error', 'error');
  api.addContentTypeParser('application/json', { parseAs: 'string' }, (request, body, done) => {
    if (body === '') done(null, undefined);
    else parse(request, body as string, done);
  });
}
