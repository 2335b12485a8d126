import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';

/** A started process, what it has said so far, and its end. */
export interface ChildProgram {
  readonly pid: number;
  /** Both outputs together, in the order in which they came. */
  readonly said: string;
  /** Resolves to the first match of the pattern in what the program says; rejects when it ends without saying it. */
  saying(pattern: RegExp): Promise<RegExpMatchArray>;
  kill(signal: NodeJS.Signals): void;
  readonly ended: Promise<{ code: number | null; signal: NodeJS.Signals | null }>;
}

/** Settings of the machine that runs the tests must not reach the program under test. */
const KEPT = ['PATH', 'HOME', 'TMPDIR', 'NODE_ENV', 'NODE_COMPILE_CACHE'];

/**
 * Starts a process for a test. Whoever starts one kills it: `onTestFinished(() => child.kill('SIGKILL'))`.
 * @param o.env beside a few of the surroundings' own variables
 * @param o.ownSession away from the terminal that the tests may run on
 */
export function startChild(
  program: string,
  args: string[],
  o: { env?: Record<string, string>; cwd?: string; ownSession?: boolean } = {},
): ChildProgram {
  const kept = Object.fromEntries(KEPT.map((name) => [name, process.env[name]]));
  const child = spawn(program, args, {
    cwd: o.cwd,
    env: { ...kept, ...o.env },
    stdio: ['ignore', 'pipe', 'pipe'],
    detached: o.ownSession ?? false,
  });
  return new Child(child);
}

class Child implements ChildProgram {
  said = '';
  readonly ended: ChildProgram['ended'];
  readonly #child: ChildProcess;

  constructor(child: ChildProcess) {
    this.#child = child;
    for (const stream of [child.stdout, child.stderr]) {
      stream?.setEncoding('utf8').on('data', (text: string) => {
        this.said += text;
        child.emit('said');
      });
    }
    this.ended = once(child, 'close').then(([code, signal]) => ({ code, signal }));
  }

  get pid(): number {
    if (this.#child.pid === undefined) throw new Error('the program could not be started');
    return this.#child.pid;
  }

  saying(pattern: RegExp): Promise<RegExpMatchArray> {
    return new Promise((resolve, reject) => {
      const look = () => {
        const match = this.said.match(pattern);
        if (match) resolve(match);
        return match !== null;
      };
      if (look()) return;
      this.#child.on('said', look);
      void this.ended.then(() => {
        if (!look()) reject(new Error(`it ended without saying ${pattern}:\n${this.said}`));
      });
    });
  }

  kill(signal: NodeJS.Signals): void {
    this.#child.kill(signal);
  }
}
