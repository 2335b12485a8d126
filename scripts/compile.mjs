import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { expected, run } from './run.mjs';

/** What the compiler reads, as in tsconfig.json. */
const PROGRAM = [
  'src',
  'migrations',
  'bench',
  'chaos',
  'examples',
  'vitest.config.ts',
  'tsconfig.json',
  'package-lock.json',
];
const PAGES = ['web', 'schema.graphql', 'package-lock.json'];

/**
 * Compiles the program and the web pages, side by side, each only when its sources are not those of the last time.
 *
 * @param {string} root the repository's folder
 * @param {string} node the Node 24 to run the compilers with
 * @param {boolean} strict stop when the compiler complains; it has written the program all the same
 */
export async function build(root, node, strict) {
  const program = { stamp: join(root, 'dist/.program'), hash: hashOf(root, PROGRAM, /(?<!\.test)\.(tsx?|json)$/) };
  const pages = {
    stamp: join(root, 'dist/.pages'),
    hash: hashOf(root, PAGES, /^(?!web\/(generated|e2e)\/)(?!.*\.test\.ts$)/),
  };
  const jobs = [];
  const built = stampOf(program);
  if (built !== program.hash && (strict || built !== doubtful(program))) {
    jobs.push(compileProgram(root, node, program, strict));
  }
  if (existsSync(join(root, 'web/vite.config.ts')) && stampOf(pages) !== pages.hash) {
    jobs.push(buildPages(root, node, pages));
  }
  if (jobs.length === 0) return;
  const since = Date.now();
  process.stderr.write('Building … ');
  const outcomes = await Promise.allSettled(jobs);
  const failed = outcomes.filter((outcome) => outcome.status === 'rejected');
  const note = stampOf(program) === doubtful(program) ? ', with type errors (npm run check shows them)' : '';
  process.stderr.write(
    failed.length > 0 ? 'failed\n' : `done in ${((Date.now() - since) / 1000).toFixed(1)} s${note}\n`,
  );
  if (failed.length > 0) throw failed.find(({ reason }) => !reason.expected)?.reason ?? together(failed);
}

const doubtful = ({ hash }) => `${hash} with type errors`;
const together = (failed) => expected(failed.map(({ reason }) => reason.message).join('\n'));

function stampOf({ stamp }) {
  return existsSync(stamp) ? readFileSync(stamp, 'utf8') : '';
}

async function compileProgram(root, node, target, strict) {
  // Without its output the compiler's own note of what it has done would make it do nothing.
  if (!existsSync(join(root, 'dist/src'))) rmSync(join(root, 'dist/.tsbuildinfo'), { force: true });
  const { ok, said } = await run(node, [join(root, 'node_modules/typescript/bin/tsc')], { cwd: root });
  if (!ok && strict) throw expected(said.trim());
  for (const folder of ['src', 'migrations', 'bench', 'chaos', 'examples']) removeLeftovers(root, folder);
  mkdirSync(join(root, 'dist'), { recursive: true });
  writeFileSync(target.stamp, ok ? target.hash : doubtful(target));
}

/** Deletes what was compiled from a source that is gone: a migration that was taken back must not be run. */
function removeLeftovers(root, folder) {
  const output = join(root, 'dist', folder);
  if (!existsSync(output)) return;
  for (const entry of readdirSync(output, { recursive: true })) {
    const source = entry.match(/^(.*)\.js(\.map)?$/)?.[1];
    if (source && !['ts', 'tsx'].some((kind) => existsSync(join(root, folder, `${source}.${kind}`))))
      rmSync(join(output, entry));
  }
}

async function buildPages(root, node, target) {
  const tool = (path) => join(root, 'node_modules', path);
  const steps = [
    [tool('@graphql-codegen/cli/cjs/bin.js'), '--config', 'web/codegen.ts', '--silent'],
    [tool('vite/bin/vite.js'), 'build', '--config', join(root, 'web/vite.config.ts'), '--logLevel', 'warn'],
  ];
  // A test run says NODE_ENV=test, with which Vite would build React's slow development form, for everybody who starts it later.
  const env = { ...withOurNode(root), NODE_ENV: 'production' };
  for (const args of steps) {
    const { ok, said } = await run(node, args, { cwd: root, env });
    if (!ok) throw expected(said.trim());
  }
  writeFileSync(target.stamp, target.hash);
}

/** Programs that look for `node` find ours. */
export function withOurNode(root) {
  return { ...process.env, PATH: [join(root, 'node_modules/.bin'), process.env.PATH].join(delimiter) };
}

/** One hash over names and contents: dates change with every checkout, and say nothing. */
function hashOf(root, names, wanted) {
  const hash = createHash('sha1');
  for (const name of names) {
    for (const path of filesOf(root, name)) {
      if (wanted.test(path)) hash.update(`\0${path}\0`).update(readFileSync(join(root, path)));
    }
  }
  return hash.digest('hex');
}

function filesOf(root, name) {
  const path = join(root, name);
  if (!existsSync(path)) return [];
  try {
    return readdirSync(path, { recursive: true, withFileTypes: true })
      .filter((entry) => entry.isFile())
      .map((entry) => join(entry.parentPath ?? entry.path, entry.name).slice(root.length + 1))
      .sort();
  } catch (error) {
    if (error.code === 'ENOTDIR') return [name];
    throw error;
  }
}
