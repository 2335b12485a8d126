import { type FileHandle, open, stat } from 'node:fs/promises';
import { setTimeout as sleep } from 'node:timers/promises';
import { rotatedFiles } from './rotated-files.js';

/** Lines of several processes come into the file up to a second apart: so many are put in order together. */
const WINDOW = 20_000;
/** How often a file that is followed is looked at, ms. */
const LOOK_MS = 200;
/** Read at once, bytes. */
const CHUNK = 2 ** 18;

/** A line of the log. Further fields depend on what it is about. */
export interface LogEntry {
  time: string;
  level: string;
  msg: string;
  [field: string]: unknown;
}

/** What is looked for. */
export interface LogQuery {
  /** Field and value, all of which a line must have: `[['message_id', '123']]`. */
  fields: readonly (readonly [string, string])[];
  /** Goes on with what is written from now on, until this is aborted; left out: ends at the end. */
  follow?: AbortSignal;
}

/**
 * The lines of a log file and of those that were put aside, in the order of their time.
 *
 * @throws what the file system throws, but for a file that is not there (yet)
 */
export async function* readLog(path: string, { fields, follow }: LogQuery): AsyncGenerator<LogEntry> {
  const needles = fields.map(([name, value]) => `${JSON.stringify(name)}:${JSON.stringify(value)}`);
  const current = new Tail(path, needles);
  // Opened first: a file that is put aside meanwhile is known by its inode, and not read twice.
  await current.open();
  let window: LogEntry[] = [];
  for (const file of await rotatedFiles(path)) {
    const tail = new Tail(file, needles);
    await tail.open();
    try {
      if (tail.inode === current.inode) continue;
      for await (const entry of tail.rest()) {
        window.push(entry);
        if (window.length < WINDOW) continue;
        yield* inOrder(window).slice(0, WINDOW / 2);
        window = window.slice(WINDOW / 2);
      }
    } finally {
      await tail.close();
    }
  }
  try {
    for await (const entry of current.rest()) window.push(entry);
    yield* inOrder(window);
    while (follow && !follow.aborted) {
      await sleep(LOOK_MS, undefined, { signal: follow }).catch(() => {});
      const isOld = await current.isOld();
      const news: LogEntry[] = [];
      for await (const entry of current.rest()) news.push(entry);
      yield* inOrder(news);
      if (isOld) await current.reopen();
    }
  } finally {
    await current.close();
  }
}

function inOrder(entries: LogEntry[]): LogEntry[] {
  return entries.sort((a, b) => (a.time < b.time ? -1 : Number(a.time > b.time)));
}

/** A file that is read from its beginning to its end as it is now, and further when it has grown. */
class Tail {
  inode: number | null = null;
  #file: FileHandle | null = null;
  #at = 0;
  /** The beginning of a line whose end is not there yet. */
  #begun = '';
  #decoder = new TextDecoder();

  constructor(
    private readonly path: string,
    private readonly needles: readonly string[],
  ) {}

  async open(): Promise<void> {
    try {
      this.#file = await open(this.path, 'r');
      this.inode = (await this.#file.stat()).ino;
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error;
    }
  }

  /** Another file bears the name now. */
  async isOld(): Promise<boolean> {
    const there = await stat(this.path).catch(() => null);
    return there !== null && there.ino !== this.inode;
  }

  async reopen(): Promise<void> {
    await this.close();
    await this.open();
  }

  async close(): Promise<void> {
    await this.#file?.close();
    this.#file = null;
    this.#at = 0;
    this.#begun = '';
    this.#decoder = new TextDecoder();
  }

  /** What is looked for between where it was read to and its end. */
  async *rest(): AsyncGenerator<LogEntry> {
    const buffer = Buffer.alloc(CHUNK);
    while (this.#file) {
      const { bytesRead } = await this.#file.read(buffer, 0, CHUNK, this.#at);
      if (bytesRead === 0) return;
      this.#at += bytesRead;
      const lines = (this.#begun + this.#decoder.decode(buffer.subarray(0, bytesRead), { stream: true })).split('\n');
      this.#begun = lines.pop() ?? '';
      for (const line of lines) {
        if (!this.needles.every((needle) => line.includes(needle))) continue;
        const entry = parse(line);
        if (entry) yield entry;
      }
    }
  }
}

/** A line that a full disk tore is none. */
function parse(line: string): LogEntry | undefined {
  try {
    return JSON.parse(line) as LogEntry;
  } catch {
    return undefined;
  }
}
