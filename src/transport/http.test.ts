import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ADMIN_TOKEN, type RunningApi, send, startApi } from '../testing/running-api.js';

const AUTHORIZED = { authorization: `Bearer ${ADMIN_TOKEN}` };
const JSON_TYPE = { 'content-type': 'application/json' };
const INDEX = '<!doctype html><title>start</title>';
const SCRIPT = 'export const one = 1;\n'.repeat(200);

let running: RunningApi;
let folder: string;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'heliograph-pages-'));
  await mkdir(join(folder, 'assets'));
  await writeFile(join(folder, 'index.html'), INDEX);
  await writeFile(join(folder, 'assets/one-abc123.js'), SCRIPT);
  await writeFile(join(folder, 'assets/one-abc123.js.br'), 'compressed');
  await writeFile(join(folder, 'secret.txt'), 'not an asset');
  running = await startApi({ webFolder: folder });
});
afterAll(async () => {
  await running.close();
  await rm(folder, { recursive: true, force: true });
});

const post = (body: string, headers: Record<string, string> = JSON_TYPE) =>
  send(`${running.url}/graphql`, { method: 'POST', headers: { ...AUTHORIZED, ...headers }, body });

describe('an address where nothing is', () => {
  const at = (path: string, accept: string, method = 'GET') =>
    send(`${running.url}${path}`, { method, headers: { accept } });

  it('is answered with the dashboard, which says so, to a browser', async () => {
    const answer = await at('/no-such-page', 'text/html,application/xhtml+xml,*/*;q=0.8');
    expect([answer.status, answer.text]).toEqual([404, INDEX]);
  });

  it('is answered with JSON to everybody else', async () => {
    for (const answer of [
      await at('/no-such-page', '*/*'),
      await at('/no-such-page', 'text/html', 'DELETE'),
      await at('/api/v1/no-such-thing', 'text/html'),
    ]) {
      expect(answer.status).toBe(404);
      expect(answer.text).toContain('NOT_FOUND');
    }
  });
});

describe('a request that can not be understood', () => {
  it.each([
    ['no JSON', 'query { viewer { name } }', JSON_TYPE, 400, 'not valid JSON'],
    ['half of JSON', '{"query": "{ viewer', JSON_TYPE, 400, 'not valid JSON'],
    ['nothing', '', JSON_TYPE, 400, 'empty'],
    ['a prototype', '{"__proto__": {"query": "{ viewer { name } }"}}', JSON_TYPE, 400, 'not valid JSON'],
    ['plain text', '{"query":"{ viewer { name } }"}', { 'content-type': 'text/plain' }, 415, 'application/json'],
    ['a form', 'query=x', { 'content-type': 'application/x-www-form-urlencoded' }, 415, 'application/json'],
    ['XML', '<query/>', { 'content-type': 'application/xml' }, 415, 'application/json'],
    ['more than a megabyte', JSON.stringify({ query: '#'.repeat(1_100_000) }), JSON_TYPE, 413, '1 MB'],
    ['an array of operations', '[{"query":"{ viewer { name } }"}]', JSON_TYPE, 400, 'batching'],
    ['a number', '42', JSON_TYPE, 400, 'JSON object'],
    ['no query', '{"variables":{}}', JSON_TYPE, 400, 'query'],
    ['a query that is no text', '{"query":{"a":1}}', JSON_TYPE, 400, 'must be strings'],
    ['variables that are no object', '{"query":"{ viewer { name } }","variables":"x"}', JSON_TYPE, 400, 'variables'],
    ['a syntax error', '{"query":"{ viewer { name "}', JSON_TYPE, 400, 'Syntax Error'],
    ['an unknown field', '{"query":"{ viewer { nam } }"}', JSON_TYPE, 400, 'Cannot query field'],
    [
      'an endless document',
      JSON.stringify({ query: `{ ${'a: viewer { name } '.repeat(400)} }` }),
      JSON_TYPE,
      400,
      'token',
    ],
    ['a missing variable', '{"query":"query ($id: ID!) { client(id: $id) { id } }"}', JSON_TYPE, 400, '$id'],
  ])('is answered with what to mend: %s', async (_what, body, headers, status, word) => {
    const answer = await post(body, headers);
    expect(answer.status).toBe(status);
    expect(answer.headers.get('content-type')).toMatch(/^application\/json/);
    expect(answer.body.errors).toHaveLength(1);
    expect(answer.body.errors[0].message).toContain(word);
    expect(answer.body.errors[0].extensions.code).toMatch(/^(BAD_USER_INPUT|GRAPHQL_\w+)$/);
    expect(answer.body.errors[0].extensions).not.toHaveProperty('stacktrace');
    expect(running.logged()).not.toContain('"level":"error"');
  });

  it('may not change anything by GET', async () => {
    const query = encodeURIComponent('mutation { clientDelete(id: "1") { client { id } } }');
    const headers = { ...AUTHORIZED, 'apollo-require-preflight': 'yes' };
    const answer = await send(`${running.url}/graphql?query=${query}`, { headers });
    expect([answer.status, answer.headers.get('allow')]).toEqual([405, 'POST']);
  });

  it('may not ask by GET what a link or an image of another site could ask', async () => {
    const answer = await send(`${running.url}/graphql?query=${encodeURIComponent('{ viewer { name } }')}`, {
      headers: AUTHORIZED,
    });
    expect(answer.status).toBe(400);
    expect(answer.body.errors[0].message).toContain('Cross-Site Request Forgery');
  });

  it('does not subscribe over plain HTTP, and says so', async () => {
    const answer = await post(
      JSON.stringify({ query: 'subscription { mailingProgress(mailingId: "1") { version } }' }),
    );
    expect(answer.status).toBe(400);
    expect(answer.body.errors[0].message).toContain('WebSocket');
  });

  it('is told where there is nothing', async () => {
    for (const path of [
      '/nothing',
      '/graphql/x',
      '/assets/none.js',
      '/assets/%2e%2e/secret.txt',
      '/assets/..%2fsecret.txt',
      '/%zz',
    ]) {
      const answer = await send(`${running.url}${path}`, { headers: AUTHORIZED });
      expect([path, answer.status >= 400 && answer.status < 500]).toEqual([path, true]);
      expect(answer.text).not.toContain('not an asset');
    }
    expect((await send(`${running.url}/nothing`)).body.errors[0].extensions.code).toBe('NOT_FOUND');
    expect((await send(`${running.url}/graphql`, { method: 'DELETE', headers: AUTHORIZED })).status).toBe(404);
  });
});

describe('pages', () => {
  it('are asked for anew each time, under a policy that lets nothing in from elsewhere', async () => {
    const { status, headers, text } = await send(`${running.url}/`);
    expect([status, text, headers.get('cache-control')]).toEqual([200, INDEX, 'no-cache']);
    const policy = headers.get('content-security-policy') ?? '';
    expect(policy).toContain("default-src 'none'");
    expect(policy).toContain("script-src 'self';");
    expect(policy).toContain("frame-ancestors 'none'");
    expect(policy).not.toContain('unsafe-eval');
    expect(policy).not.toContain('http');
    expect(headers.get('x-content-type-options')).toBe('nosniff');
    expect(headers.get('referrer-policy')).toBe('no-referrer');
    expect(headers.get('x-frame-options')).toBe('DENY');
    expect(headers.get('strict-transport-security')).toBeNull();
    expect(headers.get('x-powered-by')).toBeNull();
  });

  it('load assets that are kept for good, compressed where the browser takes it', async () => {
    const asset = `${running.url}/assets/one-abc123.js`;
    const plain = await send(asset, { headers: { 'accept-encoding': 'identity' } });
    expect([plain.status, plain.text]).toEqual([200, SCRIPT]);
    expect(plain.headers.get('content-type')).toMatch(/^(text|application)\/javascript/);
    expect(plain.headers.get('cache-control')).toBe('public, max-age=31536000, immutable');
    const headers = await new Promise<Headers>((resolve, reject) => {
      fetch(asset, { headers: { 'accept-encoding': 'br' } }).then((response) => resolve(response.headers), reject);
    });
    expect(headers.get('content-encoding')).toBe('br');
  });

  it('that are not built say how to build them', async () => {
    const answer = await send(`${running.url}/graphiql`);
    expect([answer.status, answer.text]).toEqual([503, 'This page is not built. Run: npm run build\n']);
  });

  it('are found with a slash at the end too', async () => {
    expect((await send(`${running.url}/graphiql/`)).status).toBe(503);
    expect((await send(`${running.url}/healthz/`)).status).toBe(200);
  });
});

describe('the schema', () => {
  it('is given out as a file', async () => {
    const answer = await send(`${running.url}/schema.graphql`, { headers: AUTHORIZED });
    expect(answer.status).toBe(200);
    expect(answer.text).toContain('messageStatusChanged(');
  });

  it('is not told by introspection in production', async () => {
    const production = await startApi({ config: { production: true } });
    try {
      const query = '{ __schema { types { name } } }';
      expect((await running.ask(query)).body.data.__schema.types).not.toHaveLength(0);
      const answer = await production.ask(query);
      expect([answer.status, answer.body.errors[0].extensions.code]).toEqual([400, 'GRAPHQL_VALIDATION_FAILED']);
    } finally {
      await production.close();
    }
  });
});

describe('health', () => {
  it('is told to anybody, and nothing else', async () => {
    expect((await send(`${running.url}/healthz`)).body).toEqual({ status: 'ok' });
    const ready = await send(`${running.url}/readyz`);
    expect([ready.status, ready.body]).toEqual([200, { status: 'ready', parts: { database: true, live: true } }]);
  });
});

describe('a port that is taken', () => {
  it('is one clear line', async () => {
    const other = createServer();
    const port = await new Promise<number>((resolve) => {
      other.listen(0, '127.0.0.1', () => resolve((other.address() as { port: number }).port));
    });
    try {
      await expect(startApi({ config: { port } })).rejects.toThrow(
        `Port ${port} on 127.0.0.1 is taken by another program: stop that one, or set PORT.`,
      );
    } finally {
      other.close();
    }
  });
});
