import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import files from '@fastify/static';
import type { FastifyInstance } from 'fastify';
import { openRoutes } from './guard-routes.js';

/** The pages that Vite builds, and where each is found. */
const PAGES = {
  // The dashboard, which finds its own way by the address: web/shell/routes.tsx.
  '/': 'index.html',
  '/mailings/new': 'index.html',
  '/mailings/:id': 'index.html',
  '/mailings/:id/edit': 'index.html',
  '/clients': 'index.html',
  '/clients/import': 'index.html',
  '/clients/:id': 'index.html',
  '/statistics': 'index.html',
  '/reports': 'index.html',
  '/tokens': 'index.html',
  '/users': 'index.html',
  '/audit': 'index.html',
  '/jobs': 'index.html',
  '/health': 'index.html',
  '/settings': 'index.html',
  '/graphiql': 'graphiql.html',
  // For people without an account, who have a link.
  '/report': 'report.html',
  '/guide': 'guide.html',
  '/redoc': 'redoc.html',
  '/sign-in': 'sign-in.html',
  '/forgot-password': 'sign-in.html',
  '/reset-password': 'sign-in.html',
  '/account': 'sign-in.html',
} as const;

/** The dashboard, which says itself of an address it does not know that no such page is there; undefined when it is not built. */
export async function pageOfNothing(folder: string): Promise<Buffer | undefined> {
  return await readFile(join(folder, PAGES['/'])).catch(() => undefined);
}

/**
 * The pages, which are open to everyone as they hold nothing but the program, and everything they load under /assets/. Assets are named by their content and may be kept for good, and
 * lie there compressed; a page itself is asked for anew each time, or a browser would look for assets of an older build.
 * A page that is not built is answered with how to build it.
 *
 * @param folder what `npm run build` made of web/: an absolute path
 */
export async function addPages(app: FastifyInstance, folder: string): Promise<void> {
  await openRoutes(app, 'everyone', async (scope) => {
    await scope.register(files, {
      root: join(folder, 'assets'),
      prefix: '/assets/',
      preCompressed: true,
      index: false,
      immutable: true,
      maxAge: '365d',
      suppressWarning: true,
    });
  });
  // Where the classic services have theirs.
  app.get('/admin', { config: { allow: 'everyone' } }, (_, reply) => reply.redirect('/'));
  for (const [path, file] of Object.entries(PAGES)) {
    app.get(path, { config: { allow: 'everyone' } }, async (request, reply) => {
      reply.header('cache-control', 'no-cache');
      const html = await readFile(join(folder, file)).catch((error: unknown) => {
        request.log.error({ err: error }, 'a page could not be read');
      });
      if (html) return reply.type('text/html; charset=utf-8').send(html);
      return reply.code(503).type('text/plain; charset=utf-8').send('This page is not built. Run: npm run build\n');
    });
  }
}
