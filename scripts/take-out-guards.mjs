import { execFileSync } from 'node:child_process';
import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import startCluster from '../dist/src/testing/postgres.global.js';
import { withOurNode } from './compile.mjs';
import { run } from './run.mjs';

/** The repository's folder, in which nothing is touched. */
const root = dirname(dirname(fileURLToPath(import.meta.url)));
/** Copies that are worked on side by side: one for each of two cores. */
const LANES = 2;
/** A test that failed for these reasons saw no guard missing: the code it ran was no code. */
const NO_CODE =
  /syntax error|SyntaxError|TransformError|ReferenceError|error: (column|relation|function) .* does not exist/;

/**
 * Takes out each guard of guards.json in turn, in temporary copies of the repository, and runs its one test, which has to
 * be green before and red then. Says of each what came of it.
 *
 * @param {string} wanted only guards with this in their name
 * @returns {Promise<boolean>} whether every guard's test sees it missing
 */
async function takeOutGuards(wanted) {
  const all = JSON.parse(readFileSync(join(root, 'scripts/guards.json'), 'utf8'));
  const guards = all.filter(({ guard }) => guard.includes(wanted));
  const since = Date.now();
  const endCluster = await startCluster({ provide: (_name, url) => (process.env.LENT_CLUSTER_URL = url) });
  const copies = Array.from({ length: LANES }, () => copyOf());
  for (const signal of ['SIGINT', 'SIGTERM']) process.once(signal, () => endCluster().then(() => process.exit(130)));
  process.once('exit', () => {
    for (const copy of copies) rmSync(copy, { recursive: true, force: true });
  });
  const green = await inLanes(copies, [...Map.groupBy(guards, ({ test }) => test)], async (copy, [test, its]) => {
    return (
      await runTests(
        copy,
        test,
        its.map(({ title }) => title),
      )
    ).passed;
  });
  const passed = new Set(green.flat());
  const verdicts = await inLanes(copies, guards, async (copy, guard) => {
    const verdict = passed.has(guard.title) ? await judge(copy, guard) : 'its test is not green to begin with';
    process.stdout.write(`${verdict === '' ? '✓' : '✗'} ${guard.guard}${verdict && `: ${verdict}`}\n`);
    return verdict;
  });
  await endCluster();
  const uncovered = verdicts.filter((verdict) => verdict !== '').length;
  const seconds = Math.round((Date.now() - since) / 1_000);
  process.stdout.write(
    `${guards.length - uncovered} of ${guards.length} guards have a test that sees them missing (${seconds} s)\n`,
  );
  return uncovered === 0 && guards.length > 0;
}

/** Every file that git knows or would take, as it is now. */
function copyOf() {
  const copy = mkdtempSync(join(tmpdir(), 'heliograph-guards-'));
  const listed = execFileSync('git', ['ls-files', '--cached', '--others', '--exclude-standard', '-z'], { cwd: root });
  for (const name of listed.toString().split('\0').filter(Boolean)) {
    if (name === 'node_modules') continue;
    mkdirSync(dirname(join(copy, name)), { recursive: true });
    cpSync(join(root, name), join(copy, name), { force: true });
  }
  symlinkSync(join(root, 'node_modules'), join(copy, 'node_modules'));
  return copy;
}

/** Does all of the work, one piece after the other in each copy. */
async function inLanes(copies, work, act) {
  const left = [...work.entries()];
  const results = [];
  await Promise.all(
    copies.map(async (copy) => {
      for (let next = left.shift(); next; next = left.shift()) results[next[0]] = await act(copy, next[1]);
    }),
  );
  return results;
}

/** @returns what is wrong; '': the test sees the guard missing */
async function judge(copy, { file, changes, test, title }) {
  const path = join(copy, file);
  const original = readFileSync(path, 'utf8');
  let text = original;
  for (const { find, put } of changes) {
    const times = text.split(find).length - 1;
    if (times !== 1) return `the code has moved: ${JSON.stringify(find)} is ${times} times in ${file}`;
    text = text.replace(find, () => put);
  }
  writeFileSync(path, text);
  try {
    const { passed, failed, said } = await runTests(copy, test, [title]);
    if (passed.length > 0) return `SURVIVES: "${title}" (${test}) does not see it missing`;
    if (failed.length === 0 || NO_CODE.test(said)) return `what is left is no code: ${said.slice(0, 500)}`;
    return '';
  } finally {
    writeFileSync(path, original);
  }
}

/** Runs the tests of these titles in a file. */
async function runTests(copy, test, titles) {
  const results = join(copy, 'guards-results.json');
  rmSync(results, { force: true });
  const escaped = titles.map((title) => title.replace(/[.*+?^${}()|[\]\\]/g, '\\$&'));
  // A title may begin with that of its `describe`, which Vitest sets apart by ` > `.
  const pattern = escaped.join('|').replaceAll(' ', '(?: > | )');
  const args = [join(copy, 'node_modules/vitest/vitest.mjs'), 'run', test, '-t', `(${pattern})$`];
  const { said } = await run(process.execPath, [...args, '--reporter=json', `--outputFile=${results}`], {
    cwd: copy,
    env: { ...withOurNode(copy), CI: 'true' },
  });
  let told;
  try {
    told = JSON.parse(readFileSync(results, 'utf8'));
  } catch {
    return { passed: [], failed: [], said };
  }
  const tests = told.testResults.flatMap(({ assertionResults }) => assertionResults);
  const of = (status) => tests.filter((one) => one.status === status);
  return {
    passed: of('passed').flatMap(({ fullName }) => titles.filter((wanted) => fullName.endsWith(wanted))),
    failed: of('failed'),
    said: of('failed')
      .flatMap(({ failureMessages }) => failureMessages)
      .join('\n'),
  };
}

process.exitCode = (await takeOutGuards(process.argv[2] ?? '')) ? 0 : 1;
