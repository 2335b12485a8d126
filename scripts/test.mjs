// npm test [-- file …]: all tests, real PostgreSQL and real processes included.
import './old-node.mjs';

import('./prepare.mjs').then(async ({ prepare }) => {
  const { node, file } = await prepare();
  const { handOver } = await import('./hand-over.mjs');
  handOver(node, [file('node_modules/vitest/vitest.mjs'), 'run', ...process.argv.slice(2)]);
});
