/** What Apollo's test suite takes from Jest, by vitest: it is aliased to this in vitest.config.ts. */
import * as vitest from 'vitest';

export { afterAll, beforeAll, describe, expect, test, vi as jest } from 'vitest';

/**
 * Tests of the suite that must fail here, and why: docs/testing.md. Fastify looks at the body before Apollo does, and is
 * stricter; the version is compared with a copy of Apollo's own.
 */
const OTHERWISE: ReadonlySet<string> = new Set([
  'lockstep versioning of @apollo/server and @apollo/server-integration-testsuite',
  'default',
  'throws an error if POST body is empty',
  'throws an error if invalid content-type',
  'throws an error if POST JSON is malformed',
]);

type Work = () => void | Promise<void>;

export const it = Object.assign(
  (title: string, work: Work, timeout?: number) =>
    (OTHERWISE.has(title) ? vitest.it.fails : vitest.it)(title, work, timeout),
  { each: vitest.it.each.bind(vitest.it), skip: vitest.it.skip },
);

/** Jest hands a callback to hooks that take one. */
function hook(take: (work: Work) => void) {
  return (work: Work | ((done: () => void) => void)): void =>
    take(work.length === 0 ? (work as Work) : () => new Promise<void>((done) => work(done)));
}

export const beforeEach = hook((work) => vitest.beforeEach(work));
export const afterEach = hook((work) => vitest.afterEach(work));
