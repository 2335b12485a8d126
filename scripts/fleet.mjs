// npm run fleet -- [--rounds N]: APIs, workers and both databases as plain processes, under load; one of each is killed.
import './old-node.mjs';

import('./prepare.mjs').then(async ({ prepare }) => {
  const { node, file } = await prepare();
  const { handOver } = await import('./hand-over.mjs');
  handOver(node, [file('dist/chaos/fleet.js'), ...process.argv.slice(2)]);
});
