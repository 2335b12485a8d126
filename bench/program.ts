import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { NODE_FLAGS } from '../src/testing/program.js';
import { ask } from './children.js';

/** A whole program in a process of its own, as it is run in earnest. */
export interface Program {
  pid: number;
  /** Where its API listens; '' with ROLE=worker. */
  url: string;
  stop(): Promise<void>;
  /** How late its event loop was since it was asked last, ms at the 99.9th percentile. */
  loopDelay(): Promise<number>;
}

/** @param env settings beside those of every bench; @throws Error when it ends before it is ready */
export async function startProgram(dir: string, env: Record<string, string>): Promise<Program> {
  const [watch, main] = ['loop-delay.js', '../src/main.js'].map((file) => join(import.meta.dirname, file));
  const child = spawn(process.execPath, [...NODE_FLAGS, '--import', watch!, main!], {
    cwd: dir,
    env: { PATH: process.env['PATH'] ?? '', DATA_DIR: dir, LOG_LEVEL: 'info', NODE_ENV: 'test', PORT: '0', ...env },
    stdio: ['ignore', 'pipe', 'inherit', 'ipc'],
  });
  // A bench that fails leaves none of its processes behind.
  const kill = () => child.kill('SIGKILL');
  process.once('exit', kill);
  const said = await untilReady(child);
  return {
    pid: child.pid!,
    url: /http:\/\/127\.0\.0\.1:\d+/.exec(said)?.[0] ?? '',
    loopDelay: () => ask(child, 'loop delay'),
    async stop() {
      process.off('exit', kill);
      const ended = once(child, 'exit');
      child.kill('SIGTERM');
      await ended;
    },
  };
}

async function untilReady(child: ChildProcess): Promise<string> {
  let said = '';
  await new Promise<void>((resolve, reject) => {
    child.stdout!.setEncoding('utf8').on('data', (text: string) => {
      // Lines that come later are read, so that the program never waits, and thrown away.
      if (/"ready"/.test(said)) return;
      said += text;
      if (/"ready"/.test(said)) resolve();
    });
    child.once('exit', (code) => reject(new Error(`the program ended with code ${code}: ${said}`)));
  });
  return said;
}
