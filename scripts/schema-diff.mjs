// What changed in schema.graphql since the last release: breaking, dangerous and safe changes apart. A break that
// scripts/schema-breaks.json does not declare is a failure, and so is one declared there that is none (any more).
import { readFileSync } from 'node:fs';
import { dirname, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { CriticalityLevel, diff } from '@graphql-inspector/core';
import { buildSchema } from 'graphql';

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const read = (name) => readFileSync(resolve(root, name), 'utf8');
const [released = 'schema.released.graphql', current = 'schema.graphql', breaks = 'scripts/schema-breaks.json'] =
  process.argv.slice(2);

const declared = new Map(JSON.parse(read(breaks)).map(({ path, why }) => [path, why]));
const changes = await diff(buildSchema(read(released)), buildSchema(read(current)));
const of = (level) => changes.filter(({ criticality }) => criticality.level === level);

/** @returns whether the break was declared */
function isDeclared({ path }) {
  return declared.has(path);
}

const sections = [
  ['Breaking, not declared', of(CriticalityLevel.Breaking).filter((change) => !isDeclared(change))],
  ['Breaking, declared', of(CriticalityLevel.Breaking).filter(isDeclared)],
  ['Dangerous', of(CriticalityLevel.Dangerous)],
  ['Safe', of(CriticalityLevel.NonBreaking)],
];
for (const [title, found] of sections) {
  process.stdout.write(`${title}: ${found.length}\n`);
  for (const { path, message } of found) {
    const why = isDeclared({ path }) ? ` (${declared.get(path)})` : '';
    process.stdout.write(`  ${path}: ${message}${title.startsWith('Breaking') ? why : ''}\n`);
  }
}
const found = new Set(of(CriticalityLevel.Breaking).map(({ path }) => path));
const idle = [...declared.keys()].filter((path) => !found.has(path));
for (const path of idle) process.stdout.write(`Declared as a break, and is none: ${path}\n`);
process.exitCode = sections[0][1].length + idle.length === 0 ? 0 : 1;
