import { spawnSync } from 'node:child_process';
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';

const root = join(import.meta.dirname, '../..');
const biome = join(root, 'node_modules/@biomejs/biome/bin/biome');

/** Lints files in a copy of the repository that has nothing but them, so that no probe ever lies in the real one. */
async function lint(files: Record<string, string>): Promise<string> {
  const copy = await mkdtemp(join(tmpdir(), 'heliograph-lint-'));
  try {
    const config = JSON.parse(await readFile(join(root, 'biome.json'), 'utf8'));
    await writeFile(join(copy, 'biome.json'), JSON.stringify({ ...config, vcs: { enabled: false } }));
    for (const [name, source] of Object.entries(files)) {
      await mkdir(dirname(join(copy, name)), { recursive: true });
      await writeFile(join(copy, name), source);
    }
    const args = [biome, 'lint', '--colors=off', '--max-diagnostics=none'];
    const { stdout, stderr } = spawnSync(process.execPath, args, { cwd: copy, encoding: 'utf8' });
    return stdout + stderr;
  } finally {
    await rm(copy, { recursive: true });
  }
}

/** A file in this room, and what it may not import. */
const FORBIDDEN = [
  ['src/platform', '../mailing/mailing.js'],
  ['src/platform', '../scheduler/scheduler.js'],
  ['src/scheduler', '../live/live.js'],
  ['src/live', '../mailing/mailing.js'],
  ['src/embedded', '../app.js'],
  ['src/graphql', '../client/client.js'],
  ['src/demo', '../app.js'],
  ['src/channel', '../message/message.js'],
  ['src/client', '../message/message.js'],
  ['src/message', '../mailing/mailing.js'],
  ['src/mailing', '../transport/http.js'],
  ['src/mailing', '../app.js'],
  ['src/mailing', '../sending/dispatch.js'],
  ['src/sending', '../transport/http.js'],
  ['src/simulator', '../channel/channel.js'],
  ['src/transport', '../simulator/main.js'],
  ['src/transport', '../rest/rest.js'],
  ['src/rest', '../app.js'],
  ['src/mailing', '../rest/rest.js'],
  ['src/report', '../testing/rows.js'],
  ['src/mailing', '../webhook/webhook.js'],
  ['src/webhook', '../transport/http.js'],
] as const;

const importing = (specifier: string) => `import * as other from '${specifier}';\nexport const use = other;\n`;

describe('imports go one way', () => {
  /** What the linter says of all the files at once. */
  let said: string;
  beforeAll(async () => {
    said = await lint({
      ...Object.fromEntries(FORBIDDEN.map(([room, other], n) => [`${room}/forbidden${n}.ts`, importing(other)])),
      'src/mailing/allowed.ts': importing('../errors.js'),
      'src/mailing/a.ts': `import { b } from './b.js';\nexport const a = () => b;\n`,
      'src/mailing/b.ts': `import { a } from './a.js';\nexport const b = () => a;\n`,
    });
  });
  const faults = (file: string, rule: string) => said.match(new RegExp(`${file}:\\d+:\\d+ lint/\\w+/${rule}`, 'g'));

  it.each(FORBIDDEN.map((each, n) => [...each, n] as const))('%s may not import %s', (room, _, n) => {
    expect(faults(`${room}/forbidden${n}.ts`, 'noRestrictedImports')).toHaveLength(1);
  });

  it('lets the allowed direction pass', () => {
    expect(faults('src/mailing/allowed.ts', 'noRestrictedImports')).toBeNull();
  });

  it('finds circles', () => {
    expect(faults('src/mailing/a.ts', 'noImportCycles')).toHaveLength(1);
  });
});
