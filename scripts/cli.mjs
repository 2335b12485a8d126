// npm run cli -- <command>: the command line, installed and built like the program itself.
import './old-node.mjs';

import('./prepare.mjs').then(async ({ prepare }) => {
  const { node, file } = await prepare();
  const { handOver } = await import('./hand-over.mjs');
  handOver(node, [file('dist/src/cli.js'), ...process.argv.slice(2)]);
});
