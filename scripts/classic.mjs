// npm run classic: the tests of what classic mailing services promised (docs/classic.md), by the rows in their titles.
import { globSync, readFileSync } from 'node:fs';
import './old-node.mjs';

import('./prepare.mjs').then(async ({ prepare }) => {
  const { node, file } = await prepare();
  const { handOver } = await import('./hand-over.mjs');
  const tests = globSync('{src,web,bench,examples,migrations}/**/*.test.ts', { cwd: file('.') });
  const classic = tests.filter((path) => readFileSync(file(path), 'utf8').includes('CLASSIC row'));
  const what = ['--testNamePattern', 'CLASSIC rows? ', '--reporter', 'verbose', '--hideSkippedTests'];
  handOver(node, [file('node_modules/vitest/vitest.mjs'), 'run', '--root', file('.'), ...classic, ...what]);
});
