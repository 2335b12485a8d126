import { execFile } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';

const SCRIPT = join(import.meta.dirname, '../scripts/schema-diff.mjs');
const RELEASED = 'type Query { a(x: Int): Int b: Int }';

/** What is said of a schema that followed on the released one, and whether it may stay so. */
async function diff(current: string, breaks: object[] = []): Promise<{ ok: boolean; said: string }> {
  const folder = await mkdtemp(join(tmpdir(), 'heliograph-schema-'));
  onTestFinished(() => rm(folder, { recursive: true, force: true }));
  const paths = await Promise.all(
    Object.entries({ released: RELEASED, current, breaks: JSON.stringify(breaks) }).map(async ([name, text]) => {
      await writeFile(join(folder, name), text);
      return join(folder, name);
    }),
  );
  return await new Promise((resolve) =>
    execFile(process.execPath, [SCRIPT, ...paths], (error, said) => resolve({ ok: error === null, said })),
  );
}

test('npm run check tells breaking, dangerous and safe changes of the schema apart, and lets none break that is not declared', async () => {
  const [safe, broken, declared, idle] = await Promise.all([
    diff('type Query { a(x: Int, y: Int): Int b: Int c: Int }'),
    diff('type Query { a(x: Int): Int }'),
    diff('type Query { a(x: Int): Int }', [{ path: 'Query.b', why: 'nobody used it' }]),
    diff(RELEASED, [{ path: 'Query.b', why: 'not so' }]),
  ]);
  expect([safe.ok, broken.ok, declared.ok, idle.ok]).toEqual([true, false, true, false]);
  expect(safe.said).toMatch(/not declared: 0\n.*declared: 0\nDangerous: 1\n {2}Query\.a\.y.*\nSafe: \d\n {2}Query\.c/s);
  expect(broken.said).toMatch(/^Breaking, not declared: 1\n {2}Query\.b/);
  expect(declared.said).toMatch(/Breaking, declared: 1\n {2}Query\.b.*\(nobody used it\)/);
}, 90_000);
