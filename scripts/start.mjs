// npm start: installs and builds what is missing, then becomes the program.
import './old-node.mjs';

import('./prepare.mjs').then(async ({ prepare }) => {
  const { node, file } = await prepare();
  const { handOver } = await import('./hand-over.mjs');
  handOver(node, [file('dist/src/main.js'), ...process.argv.slice(2)], { endWithNpm: true });
});
