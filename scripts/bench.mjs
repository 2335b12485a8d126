// npm run bench -- [--messages N] [--runs N]: how fast it is, beside the bare loop in the same run.
import './old-node.mjs';

import('./prepare.mjs').then(async ({ prepare }) => {
  const { node, file } = await prepare();
  const { handOver } = await import('./hand-over.mjs');
  handOver(node, [file('dist/bench/main.js'), ...process.argv.slice(2)]);
});
