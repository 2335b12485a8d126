import { readFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { beforeAll, expect, it } from 'vitest';
import { builtFile } from '../src/testing/built.js';

/** Bytes, gzip: a second of a slow mobile line (2 Mbit/s). */
const FIRST_LOAD = 250_000;

let web: string;
beforeAll(async () => {
  web = join(dirname(await builtFile('src/main.ts')), '../web');
});

/** Vite's manifest: chunks by the source they begin with. */
type Manifest = Record<string, { file: string; imports?: string[]; css?: string[] }>;

/** The files of a source's chunk and of all chunks that it can't run without, styles included. */
function filesOf(manifest: Manifest, source: string, found = new Set<string>()): Set<string> {
  const chunk = manifest[source];
  if (chunk === undefined) throw new Error(`the build has no chunk for ${source}`);
  if (found.has(chunk.file)) return found;
  found.add(chunk.file);
  for (const style of chunk.css ?? []) found.add(style);
  for (const other of chunk.imports ?? []) filesOf(manifest, other, found);
  return found;
}

it('shows the list of mailings after at most 250 kB, compressed, with everything that is loaded before it', async () => {
  const manifest = JSON.parse(await readFile(join(web, '.vite/manifest.json'), 'utf8')) as Manifest;
  const files = new Set([
    'index.html',
    ...filesOf(manifest, 'index.html'),
    ...filesOf(manifest, 'mailings/mailings-page.tsx'),
  ]);
  const sizes = await Promise.all(
    [...files].map(async (file) => ({ file, bytes: gzipSync(await readFile(join(web, file))).length })),
  );
  const total = sizes.reduce((sum, { bytes }) => sum + bytes, 0);
  const largest = sizes.sort((a, b) => b.bytes - a.bytes).slice(0, 10);
  expect(total, largest.map(({ file, bytes }) => `${bytes} ${file}`).join('\n')).toBeLessThanOrEqual(FIRST_LOAD);
  // Otherwise it is the list of what is loaded that has gone wrong.
  expect(total).toBeGreaterThan(FIRST_LOAD / 4);
});
