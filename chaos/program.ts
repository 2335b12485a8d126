import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { createWriteStream, type WriteStream } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';

/** The compiled program; chaos is compiled beside it. */
const MAIN = join(import.meta.dirname, '../src/main.js');
/** How long its event loop stands still at a SIGUSR2, ms: longer than a lease. */
export const BLOCK_MS = 8_000;
/** A process that was asked to end has to within so long, ms: its own grace, and some. */
const END_WITHIN = 40_000;

/** What a program is, and who wants to know of it. */
export interface ProgramOptions {
  /** In the run's account: `worker 1`. */
  name: string;
  env: Record<string, string>;
  /** Its folder; what it says goes into `log`. */
  dir: string;
  log: string;
  /** Whether a start may fail now, because its database is broken on purpose. */
  mayFailToStart: () => boolean;
  /** Told of an end that nobody asked for, or that was not as it should be. */
  complain: (complaint: string) => void;
}

/** One process of Heliograph, which is killed, stopped and started again, and must never end by itself. */
export class Program {
  readonly name: string;
  readonly #options: ProgramOptions;
  readonly #log: WriteStream;
  #child: ChildProcess | undefined;
  #ended: Promise<void> = Promise.resolve();
  /** The signal it was last sent to end it. */
  #asked: NodeJS.Signals | undefined;
  #ready = false;

  constructor(options: ProgramOptions) {
    this.name = options.name;
    this.#options = options;
    this.#log = createWriteStream(options.log, { flags: 'a' });
  }

  /** Whether it has said that it is ready, and runs. */
  get ready(): boolean {
    return this.#ready;
  }

  /** @param clockShiftMs how far its clock is off, for this life only */
  start(clockShiftMs = 0): void {
    const hooks = clockShiftMs === 0 ? ['block-loop'] : ['block-loop', 'shift-clock'];
    const own = {
      BLOCK_MS: String(BLOCK_MS),
      CLOCK_SHIFT_MS: String(clockShiftMs),
      CLOCK_STEP_MS: String(clockShiftMs),
    };
    const child = spawn(process.execPath, [...hooks.flatMap((name) => ['--import', hookUrl(name)]), MAIN], {
      cwd: this.#options.dir,
      env: { PATH: process.env['PATH'] ?? '', ...own, ...this.#options.env },
      // It ends by itself when this process does: the channel breaks. Ctrl-C reaches only us.
      stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
      detached: true,
    });
    this.#child = child;
    this.#asked = undefined;
    for (const stream of [child.stdout!, child.stderr!]) {
      stream.setEncoding('utf8').on('data', (text: string) => {
        if (text.includes('"msg":"ready"')) this.#ready = true;
        this.#log.write(text);
      });
    }
    this.#ended = once(child, 'close').then(([code, signal]) => this.#end(clockShiftMs, code, signal));
  }

  signal(signal: NodeJS.Signals): void {
    this.#child?.kill(signal);
  }

  /** Ends it by SIGKILL, or by SIGTERM: then with code 0 and in time. */
  async end(by: 'SIGKILL' | 'SIGTERM'): Promise<void> {
    this.#asked = by;
    this.signal(by);
    const late = new AbortController();
    const timer = sleep(END_WITHIN, 'late', { signal: late.signal }).catch(() => undefined);
    const outcome = await Promise.race([this.#ended, timer]);
    late.abort();
    if (outcome !== 'late') return;
    this.#options.complain(`${this.name} did not end within ${END_WITHIN / 1_000} s of a ${by}`);
    this.#asked = 'SIGKILL';
    this.signal('SIGKILL');
    await this.#ended;
  }

  async #end(clockShiftMs: number, code: number | null, signal: string | null): Promise<void> {
    const wasReady = this.#ready;
    this.#ready = false;
    const how = signal ? `by ${signal}` : `with code ${code}`;
    this.#log.write(`--- ended ${how}\n`);
    if (this.#asked === 'SIGKILL') return;
    if (this.#asked === 'SIGTERM') {
      // Before it listens for signals, one ends it.
      if (code !== 0 && wasReady) this.#options.complain(`${this.name} was asked to end and did so ${how}`);
      return;
    }
    if (wasReady || !this.#options.mayFailToStart()) this.#options.complain(`${this.name} ended by itself, ${how}`);
    await sleep(500);
    if (this.#asked === undefined) this.start(clockShiftMs);
  }
}

/** What is loaded into the program first, so that it can be broken from within. */
function hookUrl(name: string): string {
  return new URL(`../src/testing/hooks/${name}.js`, import.meta.url).href;
}
