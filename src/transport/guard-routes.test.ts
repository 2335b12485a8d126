import cookie from '@fastify/cookie';
import fastify, { type FastifyInstance } from 'fastify';
import { describe, expect, it } from 'vitest';
import type { Identity } from '../access/access.js';
import { Actor, LINK_SESSION } from '../access/actor.js';
import type { Audience } from '../access/permission.js';
import { guardRoutes, openRoutes } from './guard-routes.js';

const VIEWER = new Actor({ id: 'user:1', name: 'user:v@example.org', role: 'viewer' });

/** A server whose only cookies are `admin` and `viewer`. */
async function server(): Promise<FastifyInstance> {
  const app = fastify();
  await app.register(cookie);
  const identify = async ({ cookie = '' }): Promise<Identity | null> => {
    const actor = { admin: LINK_SESSION, viewer: VIEWER }[cookie];
    return actor === undefined ? null : { actor, credential: { kind: 'session', id: cookie } };
  };
  const audit = { begin: async () => '1', end: async () => {} };
  guardRoutes(app, { access: { identify }, audit, publicUrl: null });
  app.setErrorHandler<Error & { code: string }>((error, _request, reply) =>
    reply.code(error.code === 'UNAUTHENTICATED' ? 401 : 403).send(error.code),
  );
  return app;
}

const as = (who: string) => ({ cookie: `heliograph_session=${who}` });

describe('a server', () => {
  it('does not start while a route does not say whom it is open to', async () => {
    const app = await server();
    app.get('/open', { config: { allow: 'everyone' } }, async () => 'open');
    await app.register(async (scope) => void scope.get('/forgotten', async () => 'forgotten'));
    await expect(app.ready()).rejects.toThrow('GET /forgotten');
  });

  it('does not start while a route changes something and does not say what', async () => {
    const app = await server();
    app.get('/read', { config: { allow: 'clients:read' } }, async () => 'read');
    app.route({ method: ['GET', 'PUT'], url: '/silent', config: { allow: 'clients:write' }, handler: async () => 'x' });
    await expect(app.ready()).rejects.toThrow('GET,PUT /silent');
  });

  it.each<[Audience, number, number, number]>([
    ['everyone', 200, 200, 200],
    ['signed-in', 401, 200, 200],
    ['clients:read', 401, 200, 200],
    ['clients:write', 401, 403, 200],
  ])('lets into a route that is open to %s: nobody %i, a viewer %i, an admin %i', async (allow, ...statuses) => {
    const app = await server();
    app.get('/route', { config: { allow } }, async () => 'in');
    await openRoutes(app, allow, async (scope) => {
      scope.register(async (plugin) => void plugin.post('/of-a-plugin', { config: { action: 'x' } }, async () => 'in'));
    });
    for (const [at, headers] of [{}, as('viewer'), as('admin')].entries()) {
      expect((await app.inject({ url: '/route', headers })).statusCode).toBe(statuses[at]);
      expect((await app.inject({ url: '/route', method: 'HEAD', headers })).statusCode).toBe(statuses[at]);
      expect((await app.inject({ url: '/of-a-plugin', method: 'POST', headers })).statusCode).toBe(statuses[at]);
    }
  });

  it('reads nobody’s body before it is known whom the route is open to', async () => {
    const app = await server();
    app.post('/route', { config: { allow: 'clients:write', action: 'clientCreate' } }, async () => 'in');
    const broken = {
      url: '/route',
      method: 'POST',
      payload: '{',
      headers: { 'content-type': 'application/json' },
    } as const;
    expect((await app.inject(broken)).body).toBe('UNAUTHENTICATED');
  });

  it('changes nothing by a cookie that a page of another site had the browser send', async () => {
    const app = await server();
    app.post('/route', { config: { allow: 'clients:write', action: 'clientCreate' } }, async () => 'in');
    const post = (origin: string) =>
      app.inject({ url: '/route', method: 'POST', headers: { ...as('admin'), host: 'mail.example', origin } });
    for (const origin of ['https://evil.example', 'null', 'https://other.mail.example']) {
      expect((await post(origin)).statusCode).toBe(403);
    }
    expect((await post('https://mail.example')).statusCode).toBe(200);
  });

  it('says of an address where nothing is that nothing is there, to everybody', async () => {
    const app = await server();
    expect((await app.inject({ url: '/nothing' })).statusCode).toBe(404);
  });
});
