import { execFile } from 'node:child_process';
import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { expect, onTestFinished, test } from 'vitest';
import { setStage } from '../src/faults/stage.js';
import { builtFile } from '../src/testing/built.js';
import { PROGRAM_TOKEN, urlOf } from '../src/testing/program.js';
import { insertClients } from '../src/testing/rows.js';

const ROOT = join(import.meta.dirname, '..');
const run = promisify(execFile);

test('each example makes a mailing and watches it until everybody got it: TypeScript, curl, Python', async () => {
  const stage = await setStage();
  const program = await stage.start('all');
  const env = { ...process.env, HELIOGRAPH_URL: await urlOf(program), HELIOGRAPH_TOKEN: PROGRAM_TOKEN };
  const examples = {
    typescript: [process.execPath, await builtFile('examples/typescript/mailing.ts')],
    curl: ['sh', join(ROOT, 'examples/curl/mailing.sh')],
    python: ['python3', join(ROOT, 'examples/python/mailing.py')],
  };
  for (const [tag, [command, file]] of Object.entries(examples)) {
    await insertClients(stage.pool, 3, { tags: [tag] });
    const { stdout, stderr } = await run(command!, [file!, tag], { env });
    expect([tag, stderr, stdout.trim().split('\n').at(-1)]).toEqual([tag, '', 'COMPLETED: 3 of 3 sent']);
  }
  await stage.drained();
  await stage.judge();
}, 180_000);

test('the typed client of the example is what codegen makes of schema.graphql', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'heliograph-codegen-'));
  onTestFinished(() => rm(folder, { recursive: true, force: true }));
  const { default: config } = await import('./typescript/codegen.js');
  const { generate } = await import('@graphql-codegen/cli');
  const [[place, how]] = Object.entries(config.generates) as [[string, object]];
  const made = await generate({ ...config, cwd: ROOT, generates: { [`${folder}/`]: how }, silent: true }, false);
  const kept = await readdir(join(ROOT, place));
  expect(made.map(({ filename }: { filename: string }) => filename.split('/').at(-1)).toSorted()).toEqual(
    kept.toSorted(),
  );
  for (const { filename, content } of made) {
    expect(content).toBe(await readFile(join(ROOT, place, filename.split('/').at(-1)!), 'utf8'));
  }
}, 60_000);
