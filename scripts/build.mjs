// npm run build: compiles what has changed, and fails on a type error. With --despite-type-errors it does not: tests that
// start the real program want the program, and `npm run check` judges the types.
import './old-node.mjs';

import('./prepare.mjs').then(({ prepare }) => prepare({ strict: !process.argv.includes('--despite-type-errors') }));
