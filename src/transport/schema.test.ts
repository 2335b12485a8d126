import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { printHeliographSchema } from './schema.js';

it('is printed in schema.graphql as it is (if not: npm run cli -- print-schema --write)', async () => {
  const printed = await readFile(join(import.meta.dirname, '../../schema.graphql'), 'utf8');
  expect(printed).toBe(printHeliographSchema());
});

it('describes every type', () => {
  const undescribed = printHeliographSchema()
    .split('\n')
    .filter((line, place, lines) => {
      const isDefinition =
        /^(type|input|enum|scalar|interface|union) \w/.test(line) &&
        !/^(type (Query|Mutation|Subscription)) /.test(line);
      return isDefinition && !lines[place - 1]?.trimEnd().endsWith('"""');
    });
  expect(undescribed).toEqual([]);
});
