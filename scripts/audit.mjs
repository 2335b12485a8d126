// npm run audit [-- --short]: schemathesis tries both APIs with requests it makes up, right ones and wrong ones.
import './old-node.mjs';

import('./prepare.mjs').then(async ({ prepare }) => {
  const { node, file } = await prepare();
  const { handOver } = await import('./hand-over.mjs');
  handOver(node, [file('dist/src/testing/audit.js'), ...process.argv.slice(2)]);
});
