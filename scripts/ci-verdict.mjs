// The last line of .ci/run: `N passed, N failed`. Usage: ci-verdict.mjs <vitest's JSON> <npm script>=<its exit code> …
import { readFileSync } from 'node:fs';
import { relative } from 'node:path';

const [, , resultsFile, ...outcomes] = process.argv;
const codes = new Map(outcomes.map((outcome) => [outcome.replace(/=\d+$/, ''), outcome.match(/=(\d+)$/)?.[1]]));
const allowed = readFileSync(new URL('../docs/testing.md', import.meta.url), 'utf8');
/** A name that ends with … in the document stands for all that begin like it. */
const families = [...allowed.matchAll(/`([^`\n]+) …`/g)].map(([, begin]) => begin);
const isAllowed = (name) => allowed.includes(name) || families.some((begin) => name.startsWith(begin));
const problems = [];
for (const [script, code] of codes) {
  if (script !== 'test' && code !== '0')
    problems.push(`npm run ${script} found something, or could not be run (above)`);
}

const broken = [];
let passed = 0;
try {
  const { testResults } = JSON.parse(readFileSync(resultsFile, 'utf8'));
  for (const { name, status, assertionResults } of testResults) {
    if (status === 'failed' && assertionResults.length === 0) problems.push(`${name} could not be run`);
    for (const { fullName, status: outcome, failureMessages } of assertionResults) {
      if (outcome === 'passed') passed += 1;
      else if (outcome === 'failed')
        broken.push(`${relative(process.cwd(), name)} › ${fullName}\n${failureMessages.join('\n').slice(0, 1_500)}`);
      else if (!isAllowed(fullName)) problems.push(`skipped, and docs/testing.md does not say why: ${fullName}`);
    }
  }
} catch (error) {
  problems.push(`the tests left no results: ${error.message}`);
}
const testCode = codes.get('test');
if (testCode !== '0' && broken.length === 0) problems.push(`npm test ended with code ${testCode}`);
if (passed === 0) problems.push('no test passed');

// Last, where whoever has only the end of a long log finds it.
for (const problem of [...broken, ...problems]) process.stdout.write(`✗ ${problem}\n`);
const failed = broken.length + problems.length;
process.stdout.write(`${passed} passed, ${failed} failed\n`);
process.exit(failed === 0 ? 0 : 1);
