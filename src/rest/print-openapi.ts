import fastify from 'fastify';
import { schemaToPrint } from '../transport/schema.js';
import type { OpenApiDocument } from './postman.js';
import { addRest } from './rest.js';
import type { RestParts } from './rest-api.js';

/** The OpenAPI document, as `/openapi.json` has it, without a server that answers anything. */
export async function openApiDocument(): Promise<OpenApiDocument> {
  const app = fastify();
  await addRest(app, {} as RestParts, schemaToPrint());
  await app.ready();
  return app.swagger() as unknown as OpenApiDocument;
}
