// npm run check: format, lint and import directions, types, schema drift, tests (left out with --no-tests).
// Everything is run, also after a failure.
import './old-node.mjs';

import('./prepare.mjs').then(async ({ prepare }) => {
  const { existsSync } = await import('node:fs');
  const { node, file } = await prepare();
  const { run } = await import('./run.mjs');
  const { withOurNode } = await import('./compile.mjs');
  const tool = (path, ...args) => [file(`node_modules/${path}`), ...args];
  const steps = [
    ['format, lint and import directions', tool('@biomejs/biome/bin/biome', 'check', '.')],
    ['types', tool('typescript/bin/tsc', '--noEmit')],
    ['types of the pages', tool('typescript/bin/tsc', '--noEmit', '--project', 'web/tsconfig.json')],
    ['types of their build and tests', tool('typescript/bin/tsc', '--noEmit', '--project', 'web/tsconfig.node.json')],
    ['schema.graphql is what the code says', [file('dist/src/cli.js'), 'print-schema', '--check']],
    ['docs/config.schema.json is what the settings say', [file('dist/src/cli.js'), 'print-config-schema', '--check']],
    ['docs/postman.json is what the code says', [file('dist/src/cli.js'), 'print-openapi', '--check']],
    ['docs/cli.md is what the commands say', [file('dist/src/cli.js'), 'print-docs', '--check']],
    ['schema.graphql is as such schemas should be', tool('eslint/bin/eslint.js', 'schema.graphql')],
    ['schema.graphql breaks nobody who uses the last release', [file('scripts/schema-diff.mjs')]],
    ['tests', tool('vitest/vitest.mjs', 'run')],
  ].filter(([name]) => name !== 'tests' || !process.argv.includes('--no-tests'));
  let failures = 0;
  for (const [name, [program, ...args]] of steps) {
    const missing = [program, ...args.filter((arg) => /\.(mjs|json)$/.test(arg)).map(file)].find(
      (path) => !existsSync(path),
    );
    if (missing) {
      failures++;
      process.stdout.write(`✗ ${name}: ${missing} is missing\n`);
      continue;
    }
    const { ok, said } = await run(node, [program, ...args], { cwd: file('.'), env: withOurNode(file('.')) });
    if (!ok) failures++;
    process.stdout.write(ok ? `✓ ${name}\n` : `✗ ${name}\n${said}\n`);
  }
  process.exit(failures === 0 ? 0 : 1);
});
