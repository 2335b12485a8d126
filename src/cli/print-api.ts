import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { madeFileCommand, ROOT } from './repository.js';

export const printSchemaCommand = madeFileCommand({
  name: 'print-schema',
  what: 'the GraphQL schema',
  file: 'schema.graphql',
  example: { line: 'print-schema --check', does: 'see whether schema.graphql is what the code says' },
  async make() {
    const { printHeliographSchema } = await import('../transport/schema.js');
    return printHeliographSchema();
  },
});

export const printConfigSchemaCommand = madeFileCommand({
  name: 'print-config-schema',
  what: 'the JSON Schema of config.yaml',
  file: 'docs/config.schema.json',
  example: { line: 'print-config-schema --check', does: 'see whether docs/config.schema.json is what the code says' },
  async make() {
    const { configSchema } = await import('../settings/config-schema.js');
    const told = readFileSync(join(ROOT, 'docs/settings.md'), 'utf8');
    return `${JSON.stringify(configSchema(told), null, 2)}\n`;
  },
});

export const printOpenApiCommand = madeFileCommand({
  name: 'print-openapi',
  what: 'the OpenAPI document',
  file: 'docs/postman.json',
  example: { line: 'print-openapi', does: 'print the document that describes the REST API' },
  async make() {
    const { openApiDocument } = await import('../rest/print-openapi.js');
    const { toPostman } = await import('../rest/postman.js');
    const { default: postman } = await import('openapi-to-postmanv2');
    return await toPostman(await openApiDocument(), postman.convertV2);
  },
  async show() {
    const { openApiDocument } = await import('../rest/print-openapi.js');
    return `${JSON.stringify(await openApiDocument(), null, 2)}\n`;
  },
});
