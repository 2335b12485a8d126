// npm run bench -- [name] [--messages N] [--runs N]: how fast it sends, beside the bare loop in the same run; or another bench.
import './old-node.mjs';

/** Those beside the main one: each a file in bench/. */
const others = ['verify'];
const name = others.includes(process.argv[2]) ? process.argv[2] : 'main';

import('./prepare.mjs').then(async ({ prepare }) => {
  const { node, file } = await prepare();
  const { handOver } = await import('./hand-over.mjs');
  handOver(node, [file(`dist/bench/${name}.js`), ...process.argv.slice(2)]);
});
