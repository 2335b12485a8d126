// npm start: installs and builds what is missing, then becomes the program.
import './old-node.mjs';

/** Node would take as much memory as the machine has before it tidies up: an import had it at 420 MB, 180 of them in use. */
const NODE_FLAGS = ['--max-semi-space-size=16', '--max-old-space-size=1024'];

import('./prepare.mjs').then(async ({ prepare }) => {
  const { node, file } = await prepare();
  const { handOver } = await import('./hand-over.mjs');
  handOver(node, [...NODE_FLAGS, file('dist/src/main.js'), ...process.argv.slice(2)], { endWithNpm: true });
});
