import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { builtFile } from './built.js';
import { type ChildProgram, startChild } from './child-program.js';

/** What can be wrong with a process: the modules in src/testing/hooks. */
export type HookName = 'block-loop' | 'shift-clock';

/** What a program is started with. */
export interface ProgramOptions {
  role: 'all' | 'api' | 'worker';
  databaseUrl: string;
  /** Its working and data folder. */
  dir: string;
  /** Null: no gateway, messages go to the console. */
  gatewayUrl: string | null;
  mongoUrl?: string | undefined;
  timeoutMs?: number;
  concurrency?: number;
  /** Loaded before it. */
  hooks?: readonly HookName[];
  /** Further settings, and those of the hooks. */
  env?: Record<string, string>;
}

/** The bearer token that the API of such a program takes. */
export const PROGRAM_TOKEN = 'canary-program-token-8b21c7';

/** With which it is shipped. */
export const NODE_FLAGS = ['--max-semi-space-size=16', '--max-old-space-size=1024'];
/** Compiled, it starts compiled code; from sources (tests), Node takes the types out of a hook by itself. */
const COMPILED = import.meta.url.endsWith('.js');

/** Starts the program as it is shipped, in a process of its own, and resolves once it says that it is ready. */
export async function startProgram(options: ProgramOptions): Promise<ChildProgram> {
  const program = await spawnProgram(options);
  await program.saying(/"msg":"ready"/);
  return program;
}

/** The same, without waiting: for a start that is to fail or to wait. */
export async function spawnProgram(options: ProgramOptions): Promise<ChildProgram> {
  const { role, databaseUrl, dir, gatewayUrl, mongoUrl, timeoutMs = 1_000, concurrency = 16, hooks = [] } = options;
  const imports = hooks.flatMap((hook) => ['--import', hookUrl(hook)]);
  const main = COMPILED ? join(import.meta.dirname, '../main.js') : await builtFile('src/main.ts');
  return startChild(process.execPath, [...NODE_FLAGS, ...imports, main], {
    cwd: dir,
    env: {
      NODE_ENV: 'test',
      ROLE: role,
      PORT: '0',
      DATABASE_URL: databaseUrl,
      DATA_DIR: dir,
      ADMIN_TOKEN: PROGRAM_TOKEN,
      GATEWAY_TIMEOUT_MS: String(timeoutMs),
      GATEWAY_CONCURRENCY: String(concurrency),
      ...(gatewayUrl === null ? { CHANNEL: 'console' } : { GATEWAY_URL: gatewayUrl }),
      ...(mongoUrl && { MONGO_URL: mongoUrl }),
      ...options.env,
    },
  });
}

function hookUrl(hook: HookName): string {
  return pathToFileURL(join(import.meta.dirname, 'hooks', `${hook}.${COMPILED ? 'js' : 'ts'}`)).href;
}

/** Where the API of a started program listens. */
export async function urlOf(program: ChildProgram): Promise<string> {
  const [, url] = await program.saying(/"url":"(http:[^"]+)"/);
  return url!;
}
