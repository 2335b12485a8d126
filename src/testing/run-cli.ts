import { PassThrough, Readable, Writable } from 'node:stream';
import { runCommand } from '../cli/run-command.js';

/** What a command said, and how it ended. */
export interface CliRun {
  code: number;
  out: string;
  err: string;
}

/** Surroundings of a command in a test. */
export interface CliSurroundings {
  env?: Record<string, string>;
  /** Where `.env` and config.yaml would be; left out: a folder that has neither. */
  folder?: string;
  stdin?: string;
  /** Both outputs are terminals. */
  terminal?: boolean;
  /** Ctrl-C. */
  stop?: AbortSignal;
  /** Told of each piece that is printed. */
  onOut?(text: string): void;
}

/** Runs a command in this process. */
export async function runCli(words: readonly string[], o: CliSurroundings = {}): Promise<CliRun> {
  const stdout = collector(o.terminal, o.onOut);
  const stderr = collector(o.terminal);
  const code = await runCommand(words, {
    folder: o.folder ?? import.meta.dirname,
    env: o.env ?? {},
    stdin: o.stdin === undefined ? new PassThrough() : Readable.from([Buffer.from(o.stdin)]),
    stdout: stdout.stream,
    stderr: stderr.stream,
    stop: () => o.stop ?? new AbortController().signal,
  });
  return { code, out: stdout.text(), err: stderr.text() };
}

function collector(isTTY = false, onText?: (text: string) => void) {
  const pieces: string[] = [];
  const stream = new Writable({
    decodeStrings: false,
    write(piece, _encoding, done) {
      pieces.push(String(piece));
      onText?.(String(piece));
      done();
    },
  });
  return { stream: Object.assign(stream, { isTTY, columns: 120 }), text: () => pieces.join('') };
}
