import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Command } from './command.js';
import { KEEPING, keep, ROOT } from './repository.js';

export const printSchemaCommand: Command = {
  name: 'print-schema',
  does: 'print the GraphQL schema; compare schema.graphql with it; write schema.graphql',
  options: KEEPING,
  examples: [{ line: 'print-schema --check', does: 'see whether schema.graphql is what the code says' }],
  async run(call) {
    const { printHeliographSchema } = await import('../transport/schema.js');
    const schema = printHeliographSchema();
    if (call.flags.size > 0) return keep(call, 'schema.graphql', schema, 'print-schema');
    call.print(schema);
    return 0;
  },
};

export const printConfigSchemaCommand: Command = {
  name: 'print-config-schema',
  does: 'print the JSON Schema of config.yaml; compare docs/config.schema.json with it; write that',
  options: KEEPING,
  examples: [
    { line: 'print-config-schema --check', does: 'see whether docs/config.schema.json is what the code says' },
  ],
  async run(call) {
    const { configSchema } = await import('../settings/config-schema.js');
    const made = `${JSON.stringify(configSchema(readFileSync(join(ROOT, 'docs/settings.md'), 'utf8')), null, 2)}\n`;
    if (call.flags.size > 0) return keep(call, 'docs/config.schema.json', made, 'print-config-schema');
    call.print(made);
    return 0;
  },
};

export const printOpenApiCommand: Command = {
  name: 'print-openapi',
  does: 'print the OpenAPI document; compare docs/postman.json with it; write docs/postman.json',
  options: KEEPING,
  examples: [{ line: 'print-openapi', does: 'print the document that describes the REST API' }],
  async run(call) {
    const { openApiDocument } = await import('../rest/print-openapi.js');
    const document = await openApiDocument();
    if (call.flags.size > 0) {
      const { toPostman } = await import('../rest/postman.js');
      const { default: postman } = await import('openapi-to-postmanv2');
      return keep(call, 'docs/postman.json', await toPostman(document, postman.convertV2), 'print-openapi');
    }
    call.sayJson(document);
    return 0;
  },
};
