// npm run demo:mongo: the demo with the scheduler's jobs in MongoDB; installs and builds what is missing.
import './old-node.mjs';

import('./prepare.mjs').then(async ({ prepare }) => {
  const { node, file } = await prepare();
  const { handOver } = await import('./hand-over.mjs');
  handOver(node, [file('dist/src/demo/mongo-demo.js')], { endWithNpm: true });
});
