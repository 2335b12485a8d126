// npm run build: compiles what has changed. With --despite-type-errors a type error is no reason to stop: tests that
// start the real program want the program, and `npm run check` judges the types.
import './old-node.mjs';

import('./prepare.mjs').then(({ prepare }) =>
  prepare({ despiteTypeErrors: process.argv.includes('--despite-type-errors') }),
);
