import { writeSync } from 'node:fs';
import { type FileHandle, mkdir, open, stat } from 'node:fs/promises';
import { dirname } from 'node:path';
import type { DestinationStream } from 'pino';
import type { AppLogSettings } from '../log-settings.js';
import { putAside } from './rotated-files.js';

/** Lines wait so long to be written together, ms: what a process that is killed may lose. */
const TICK_MS = 100;
/** While the file can't be written it is tried again so often, ms. */
const RETRY_MS = 1_000;
/** Written at once, characters; never more than a file may have. */
const WRITE_SIZE = 2 ** 18;
/** What waits at the most, characters: later lines are dropped and counted. Some seconds of the fastest sending. */
const MOST_WAITING = 2 ** 24;

/** What the log in a file works with. */
export interface AppLogOptions extends Pick<AppLogSettings, 'path' | 'maxBytes' | 'files'> {
  /** Begins every line, so that processes with one file can be told apart: `{ pid: 7, role: 'worker' }`. */
  about: Readonly<Record<string, string | number>>;
}

/** That the file can't be written. */
export interface AppLogTrouble {
  /** As the system names it: ENOSPC. */
  code: string;
  since: Date;
}

/**
 * The log in a file, in batches and off the event loop. Several processes may have the same one: it is opened for appending, and
 * a batch of whole lines is one write, which the system does not tear or mix with another's. One that has grown too large, or is
 * of an earlier day (UTC), is put aside by whoever finds it so; the others see by its inode that theirs is not the one of
 * that name any more, and so they do when it is moved or removed by hand.
 *
 * It never throws and holds up nobody: while the file can't be written a few seconds' lines wait, and later ones are lost.
 */
export class AppLog implements DestinationStream {
  #waiting: string[] = [];
  #size = 0;
  /** What is being written, and is not yet. */
  #inHand: Buffer | null = null;
  #file: FileHandle | null = null;
  #draining: Promise<void> | null = null;
  #timer: NodeJS.Timeout | null = null;
  #trouble: AppLogTrouble | null = null;
  #lost = 0;
  #closed = false;
  readonly #prefix: string;
  readonly #writeSize: number;

  /** Told once when the file can't be written, with the error; and once when it can be again, with how many lines were lost. */
  onChange: (error: Error | null, lost: number) => void = () => {};

  constructor(private readonly options: AppLogOptions) {
    this.#prefix = `${JSON.stringify(options.about).slice(0, -1)},`;
    this.#writeSize = Math.min(WRITE_SIZE, options.maxBytes);
  }

  /** Null: all is well. */
  get trouble(): AppLogTrouble | null {
    return this.#trouble;
  }

  /** Takes a line, `{…}` and a line break. */
  write(line: string): void {
    if (this.#closed || this.#size >= MOST_WAITING) {
      this.#lost += 1;
      return;
    }
    const whole = this.#prefix + line.slice(1);
    this.#waiting.push(whole);
    this.#size += whole.length;
    if (this.#size >= this.#writeSize && this.#trouble === null) void this.flush();
    else this.#wait(this.#trouble === null ? TICK_MS : RETRY_MS);
  }

  /** Resolves when all that was taken so far is written, or has been tried. */
  flush(): Promise<void> {
    this.#draining ??= this.#drain().finally(() => {
      this.#draining = null;
      if (this.#waiting.length > 0 || this.#inHand) this.#wait(this.#trouble === null ? TICK_MS : RETRY_MS);
    });
    return this.#draining;
  }

  /** Writes what is left, and takes nothing more. */
  async close(): Promise<void> {
    this.#closed = true;
    await this.flush();
    await this.flush();
    if (this.#timer) clearTimeout(this.#timer);
    await this.#file?.close();
    this.#file = null;
  }

  /** For the very end of a process, when nothing can be waited for any more. What is being written just then is left to it. */
  writeRest(): void {
    if (this.#file === null || this.#waiting.length === 0) return;
    const rest = this.#waiting.join('');
    this.#waiting = [];
    try {
      writeSync(this.#file.fd, rest);
    } catch {
      // There is nobody left to tell.
    }
  }

  #wait(ms: number): void {
    this.#timer ??= setTimeout(() => {
      this.#timer = null;
      void this.flush();
    }, ms).unref();
  }

  async #drain(): Promise<void> {
    try {
      for (;;) {
        this.#inHand ??= this.#takeBatch();
        if (this.#inHand === null) return;
        const file = await this.#open(this.#inHand.length);
        while (this.#inHand.length > 0) {
          const { bytesWritten } = await file.write(this.#inHand);
          this.#inHand = this.#inHand.subarray(bytesWritten);
        }
        this.#inHand = null;
        if (this.#trouble !== null) this.#recovered();
      }
    } catch (error) {
      this.#failed(error as NodeJS.ErrnoException);
    }
  }

  #takeBatch(): Buffer | null {
    if (this.#waiting.length === 0) return null;
    let size = 0;
    let count = 0;
    // At least one line, however long it is.
    while (count < this.#waiting.length && (count === 0 || size + this.#waiting[count]!.length <= this.#writeSize)) {
      size += this.#waiting[count]!.length;
      count += 1;
    }
    this.#size -= size;
    return Buffer.from(this.#waiting.splice(0, count).join(''));
  }

  /** The file of that name as it is now, with room for so many bytes. */
  async #open(bytes: number): Promise<FileHandle> {
    const { path, maxBytes, files } = this.options;
    const there = await stat(path).catch(absent);
    if (this.#file && (there === null || there.ino !== (await this.#file.stat()).ino)) await this.#leave();
    if (there && there.size > 0 && (there.size + bytes > maxBytes || dayOf(there.mtime) !== dayOf(new Date()))) {
      await this.#leave();
      await putAside(path, there, files);
    }
    if (this.#file === null) {
      await mkdir(dirname(path), { recursive: true });
      this.#file = await open(path, 'a', 0o640);
    }
    return this.#file;
  }

  async #leave(): Promise<void> {
    const file = this.#file;
    this.#file = null;
    await file?.close();
  }

  #failed(error: NodeJS.ErrnoException): void {
    if (this.#trouble !== null) return;
    this.#trouble = { code: error.code ?? error.name, since: new Date() };
    this.onChange(error, 0);
  }

  #recovered(): void {
    const lost = this.#lost;
    this.#trouble = null;
    this.#lost = 0;
    this.onChange(null, lost);
  }
}

function absent(error: NodeJS.ErrnoException): null {
  if (error.code === 'ENOENT') return null;
  throw error;
}

function dayOf(date: Date): string {
  return date.toISOString().slice(0, 10);
}
