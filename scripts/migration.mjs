// npm run migration -- <name>: the generator writes what the entities have and the migrations lack.
import './old-node.mjs';

import('./prepare.mjs').then(async ({ prepare }) => {
  const { node, file } = await prepare();
  const { handOver } = await import('./hand-over.mjs');
  handOver(node, [file('dist/migrations/create.js'), ...process.argv.slice(2)]);
});
