import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import newman from 'newman';
import postman from 'openapi-to-postmanv2';
import { expect, it } from 'vitest';
import { ADMIN_TOKEN, startApi } from '../testing/running-api.js';
import { toPostman } from './postman.js';
import { openApiDocument } from './print-openapi.js';

const FILE = join(import.meta.dirname, '../../docs/postman.json');

it('docs/postman.json is made of the document, which gives the same one each time', async () => {
  const collection = await toPostman(await openApiDocument(), postman.convertV2);
  expect(collection).toBe(await toPostman(await openApiDocument(), postman.convertV2));
  expect(readFileSync(FILE, 'utf8')).toBe(collection);
});

it('CLASSIC row 18: newman runs the Postman collection against a running server, and all of it is green', async () => {
  const running = await startApi();
  try {
    const summary = await new Promise<newman.NewmanRunSummary>((resolve, reject) => {
      const envVar = [
        { key: 'baseUrl', value: running.url },
        { key: 'token', value: ADMIN_TOKEN },
      ];
      newman.run({ collection: FILE, envVar, reporters: [] }, (error, done) => (error ? reject(error) : resolve(done)));
    });
    const { stats, failures } = summary.run;
    expect(failures.map(({ source, error }) => `${source?.name}: ${error.message}`)).toEqual([]);
    expect([stats.assertions.total, stats.requests.total]).toEqual([48, 48]);
    expect(stats.requests.failed).toBe(0);
  } finally {
    await running.close();
  }
});
