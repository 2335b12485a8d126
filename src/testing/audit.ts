import { spawn, spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { existsSync, readFileSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { parseArgs } from 'node:util';
import { startChild } from './child-program.js';

/**
 * `npm run audit`: schemathesis makes up requests, right ones and wrong ones, out of the OpenAPI document and the GraphQL schema, and
 * judges what a running program answers by all of its checks. `--short` has few of each, for every commit.
 */
const root = join(import.meta.dirname, '../../..');
const requirements = join(root, 'scripts/audit-requirements.txt');
const { values } = parseArgs({
  options: { short: { type: 'boolean', default: false }, examples: { type: 'string' }, seed: { type: 'string' } },
});
const TOKEN = 'token-of-the-audit-0123456789';

/** Makes an environment of its own the first time; what it holds is pinned, and another list makes another one. */
async function findSchemathesis(): Promise<string> {
  const hash = createHash('sha256').update(readFileSync(requirements)).digest('hex').slice(0, 16);
  const folder = join(root, 'node_modules/.cache/heliograph-audit', hash);
  const program = join(folder, 'bin/st');
  if (existsSync(program)) return program;
  process.stderr.write('Installing schemathesis (once, about a minute) … ');
  run('python3', ['-m', 'venv', '--clear', folder]);
  run(join(folder, 'bin/python'), [
    '-m',
    'pip',
    'install',
    '--quiet',
    '--disable-pip-version-check',
    '-r',
    requirements,
  ]);
  process.stderr.write('done\n');
  return program;
}

/** @throws Error with all it said */
function run(program: string, args: string[]): void {
  const { error, status, stdout, stderr } = spawnSync(program, args, { encoding: 'utf8' });
  if (error)
    throw new Error(`npm run audit needs Python 3.10 or later with venv: ${program} can't be run (${error.message}).`);
  if (status !== 0) throw new Error(`${program} ${args.join(' ')} failed:\n${stdout}${stderr}`);
}

/** @returns whether nothing was found */
async function judge(schemathesis: string, address: string, cwd: string): Promise<boolean> {
  const examples = values.examples ?? (values.short ? '3' : '500');
  // The check of a commit says the same of the same code each time; the long form looks for what nobody has seen yet.
  const seed = values.seed ?? (values.short ? '1' : undefined);
  const args = [
    ...['--config-file', join(root, 'scripts/schemathesis.toml'), 'run', address],
    ...['--header', `Authorization: Bearer ${TOKEN}`, '--checks', 'all', '--max-examples', examples],
    // Every border of every value is tried only in the long form: that alone is thousands of requests.
    ...(values.short ? ['--phases', 'examples,fuzzing,stateful'] : ['--continue-on-failure']),
    // A machine that is busy elsewhere is no fault of the document.
    ...['--suppress-health-check', 'all', '--warnings', 'off', '--no-color'],
    ...(seed === undefined ? [] : ['--seed', seed]),
  ];
  const hooks = { SCHEMATHESIS_HOOKS: 'audit_hooks', PYTHONPATH: join(root, 'scripts'), PYTHONDONTWRITEBYTECODE: '1' };
  const child = spawn(schemathesis, args, { cwd, stdio: 'inherit', env: { ...process.env, ...hooks } });
  const [code] = await once(child, 'close');
  return code === 0;
}

const schemathesis = await findSchemathesis();
run(join(dirname(schemathesis), 'python'), ['-B', join(root, 'scripts/audit_hooks_test.py')]);
const dir = await mkdtemp(join(tmpdir(), 'heliograph-audit-'));
const program = startChild(process.execPath, [join(root, 'dist/src/main.js')], {
  cwd: dir,
  env: { PORT: '0', DATA_DIR: join(dir, 'data'), CHANNEL: 'console', ADMIN_TOKEN: TOKEN, LOG_LEVEL: 'warn' },
});
try {
  const [, link] = await program.saying(/Sign in +(http:\S+)\n/);
  const { origin } = new URL(link!);
  const sound: boolean[] = [];
  for (const path of ['/openapi.json', '/graphql']) sound.push(await judge(schemathesis, origin + path, dir));
  const faults = program.said.split('\n').filter((line) => line.includes('"level":"error"'));
  for (const line of faults.slice(0, 10)) process.stderr.write(`${line}\n`);
  process.exitCode = sound.every(Boolean) && faults.length === 0 ? 0 : 1;
} finally {
  program.kill('SIGTERM');
  await program.ended;
  await rm(dir, { recursive: true, force: true });
}
