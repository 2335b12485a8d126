// npm run guards [-- <part of a name>]: takes out each guard of the code in turn, and expects its test to see it.
import './old-node.mjs';

import('./prepare.mjs').then(async ({ prepare }) => {
  const { node, file } = await prepare();
  const { handOver } = await import('./hand-over.mjs');
  handOver(node, [file('scripts/take-out-guards.mjs'), ...process.argv.slice(2)]);
});
