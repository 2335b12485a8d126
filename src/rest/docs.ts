import swaggerUi from '@fastify/swagger-ui';
import type { FastifyInstance } from 'fastify';
import { openRoutes } from '../transport/guard-routes.js';

/**
 * The document at `/openapi.json`, and Swagger UI at `/docs`, from files of our own and under the policy of every other page.
 *
 * @param production only those who are signed in get to see them
 */
export async function addDocs(app: FastifyInstance, production: boolean): Promise<void> {
  await openRoutes(app, production ? 'signed-in' : 'everyone', async (scope) => {
    scope.get('/openapi.json', { schema: { hide: true } }, (_request, reply) =>
      reply.header('cache-control', 'no-cache').send(app.swagger()),
    );
    await scope.register(swaggerUi, {
      routePrefix: '/docs',
      theme: { title: 'REST API · Heliograph' },
      uiConfig: { deepLinking: true, persistAuthorization: false, tryItOutEnabled: true },
    });
  });
}
