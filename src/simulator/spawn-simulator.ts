import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { BehaviourInput } from './behaviour.js';
import type { SimulatorOptions } from './simulator.js';

/** What a simulator of its own process starts with. */
export interface SpawnOptions {
  /** Folder for `ledger.jsonl` and `simulator.json` (`{url, controlUrl, pid}`); made when missing. */
  dir: string;
  /** TCP port on 127.0.0.1; a free one if not said. */
  port?: number;
  behaviour?: BehaviourInput;
  /** The bearer token that requests must carry; anything goes if not said. */
  token?: string;
}

/** A gateway simulator in a process of its own. */
export interface SpawnedSimulator {
  /** Base address for `GATEWAY_URL`. */
  readonly url: string;
  /** Where it is steered, also while the gateway is down. */
  readonly controlUrl: string;
  readonly pid: number;
  readonly ledgerFile: string;
  /** Sends a signal and returns at once; `ended` tells when it has worked. */
  kill(signal: NodeJS.Signals): void;
  readonly ended: Promise<void>;
  /** Asks it to end, and waits until it has. */
  close(): Promise<void>;
}

/** The parent's first word to the child. */
export interface StartOrder extends SimulatorOptions {
  dir: string;
}

/** The child's answer. */
export type StartReport = { url: string; controlUrl: string } | { error: string };

/**
 * Starts a simulator as a child. It ends by itself when this process does, however that happens: the channel between
 * the two breaks. It has a process group of its own, so that Ctrl-C in a terminal reaches only the program, which drains
 * against a gateway that is still there.
 *
 * @throws Error with the reason when it does not start: a taken port, a folder that can't be written, a wrong behaviour
 */
export async function spawnSimulator(options: SpawnOptions): Promise<SpawnedSimulator> {
  const ledgerFile = join(options.dir, 'ledger.jsonl');
  const child = fork(fileURLToPath(new URL(`./simulator-process${EXTENSION}`, import.meta.url)), {
    execArgv: EXTENSION === '.ts' ? ['--import', new URL('../testing/typescript.mjs', import.meta.url).href] : [],
    env: {},
    detached: true,
    stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
  });
  const ended = once(child, 'exit').then(() => {});
  // A child that ends at once is told of by its end, not by what could not be sent to it.
  child.send({ ...options, ledgerFile } satisfies StartOrder, () => {});
  const report = await Promise.race([
    once(child, 'message').then(([message]) => message as StartReport),
    ended.then((): StartReport => ({ error: 'it ended without a word' })),
  ]);
  if ('error' in report) {
    child.kill('SIGKILL');
    throw new Error(`The gateway simulator could not be started: ${report.error}`);
  }
  // Whoever started it decides how long it lives; by itself it keeps nobody from ending.
  child.unref();
  child.channel?.unref();
  return {
    ...report,
    pid: child.pid!,
    ledgerFile,
    kill: (signal) => child.kill(signal),
    ended,
    close: () => close(child, ended),
  };
}

/** Compiled, it starts compiled code; from sources (tests), Node runs the source itself, helped by a resolve hook. */
const EXTENSION = import.meta.url.endsWith('.ts') ? '.ts' : '.js';

async function close(child: ChildProcess, ended: Promise<void>): Promise<void> {
  child.ref();
  if (child.connected) child.disconnect();
  await ended;
}
