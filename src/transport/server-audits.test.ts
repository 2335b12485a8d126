import { serverAudits } from 'graphql-http';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { ADMIN_TOKEN, type RunningApi, startApi } from '../testing/running-api.js';

let running: RunningApi;
beforeAll(async () => {
  running = await startApi();
});
afterAll(() => running.close());

/** Asked as somebody who is known: nobody else gets as far as what is audited. */
const audits = serverAudits({
  url: () => `${running.url}/graphql`,
  fetchFn: (url: string, init: RequestInit = {}) =>
    fetch(url, { ...init, headers: { ...init.headers, authorization: `Bearer ${ADMIN_TOKEN}` } }),
});

/** What the specification of GraphQL over HTTP advises and Apollo does otherwise; docs/testing.md says why each may stay. */
const WARNINGS = [
  '572B SHOULD use 200 status code on document parsing failure when accepting application/json',
  'FDE2 SHOULD use 200 status code on document validation failure when accepting application/json',
  '7B9B SHOULD use a status code of 200 on variable coercion failure when accepting application/json',
];

it('GraphQL over HTTP: all audits of graphql-http, without an error and with no warning that docs/testing.md does not name', async () => {
  const results = await Promise.all(audits.map((audit) => audit.fn()));
  const told = (status: string) =>
    results.filter((result) => result.status === status).map(({ id, name }) => `${id} ${name}`);
  expect(results.length).toBeGreaterThan(60);
  expect(told('error')).toEqual([]);
  expect(told('warn')).toEqual(WARNINGS);
});
