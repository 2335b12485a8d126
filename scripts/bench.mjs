// npm run bench -- [name] [--messages N] [--runs N]: how fast it sends, beside the bare loop in the same run; or another bench.
import './old-node.mjs';

/** Those beside the main one, and their files in bench/. */
const others = {
  verify: 'verify',
  api: 'api-under-fault',
  limits: 'limits',
  lists: 'lists',
  import: 'import',
  subscribers: 'subscribers',
  scale: 'scale',
  web: 'web',
  log: 'log',
};
const name = others[process.argv[2]] ?? 'main';

import('./prepare.mjs').then(async ({ prepare }) => {
  const { node, file } = await prepare();
  const { handOver } = await import('./hand-over.mjs');
  handOver(node, [file(`dist/bench/${name}.js`), ...process.argv.slice(2)]);
});
