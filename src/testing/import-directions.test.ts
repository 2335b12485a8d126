import { spawnSync } from 'node:child_process';
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { describe, expect, it } from 'vitest';

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
    const { stdout, stderr } = spawnSync(process.execPath, [biome, 'lint', '--colors=off'], {
      cwd: copy,
      encoding: 'utf8',
    });
    return stdout + stderr;
  } finally {
    await rm(copy, { recursive: true });
  }
}

describe('imports go one way', () => {
  it.each([
    ['src/platform/x.ts', '../mailing/mailing.js'],
    ['src/platform/x.ts', '../scheduler/scheduler.js'],
    ['src/scheduler/x.ts', '../live/live.js'],
    ['src/live/x.ts', '../mailing/mailing.js'],
    ['src/embedded/x.ts', '../app.js'],
    ['src/graphql/x.ts', '../client/client.js'],
    ['src/demo/x.ts', '../app.js'],
    ['src/channel/x.ts', '../message/message.js'],
    ['src/client/x.ts', '../message/message.js'],
    ['src/message/x.ts', '../mailing/mailing.js'],
    ['src/mailing/x.ts', '../transport/http.js'],
    ['src/mailing/x.ts', '../app.js'],
    ['src/mailing/x.ts', '../sending/dispatch.js'],
    ['src/sending/x.ts', '../transport/http.js'],
    ['src/simulator/x.ts', '../channel/channel.js'],
    ['src/transport/x.ts', '../simulator/main.js'],
    ['src/transport/x.ts', '../rest/rest.js'],
    ['src/rest/x.ts', '../app.js'],
    ['src/mailing/x.ts', '../rest/rest.js'],
    ['src/report/x.ts', '../testing/rows.js'],
  ])('%s may not import %s', async (file, specifier) => {
    const source = `import * as other from '${specifier}';\nexport const use = other;\n`;
    expect(await lint({ [file]: source })).toContain('noRestrictedImports');
  });

  it('lets the allowed direction pass', async () => {
    const source = `import { AppError } from '../errors.js';\nexport const use = AppError;\n`;
    expect(await lint({ 'src/mailing/x.ts': source })).not.toContain('noRestrictedImports');
  });

  it('finds circles', async () => {
    const circle = {
      'src/mailing/a.ts': `import { b } from './b.js';\nexport const a = () => b;\n`,
      'src/mailing/b.ts': `import { a } from './a.js';\nexport const b = () => a;\n`,
    };
    expect(await lint(circle)).toContain('noImportCycles');
  });
});
