// npm run bench [-- <name> …] [--runs N] [--list]: how fast it is, each figure beside a counterpart of the same run (bench/main.ts).
import './old-node.mjs';

import('./prepare.mjs').then(async ({ prepare }) => {
  const { node, file } = await prepare();
  const { handOver } = await import('./hand-over.mjs');
  handOver(node, [file('dist/bench/main.js'), ...process.argv.slice(2)]);
});
