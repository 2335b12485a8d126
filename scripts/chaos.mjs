// npm run chaos -- [--minutes N] [--seed N]: everything breaks by chance while it sends; then the judge is asked.
import './old-node.mjs';

import('./prepare.mjs').then(async ({ prepare }) => {
  const { node, file } = await prepare();
  const { handOver } = await import('./hand-over.mjs');
  handOver(node, [file('dist/chaos/main.js'), ...process.argv.slice(2)]);
});
