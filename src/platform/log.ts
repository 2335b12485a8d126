import { writeSync } from 'node:fs';
import { type DestinationStream, type Logger, type LoggerOptions, pino } from 'pino';
import pretty from 'pino-pretty';
import type { LogLevel } from '../config.js';

export type { Logger };

/** What createLogger needs to know. */
export interface LogOptions {
  level: LogLevel;
  /** Coloured lines for a person instead of JSON for a machine. */
  pretty: boolean;
  /** Values that must never be written wherever they turn up: the tokens and passwords of the settings. */
  secrets?: readonly string[];
  /** Where to write; standard output when left out. */
  destination?: DestinationStream;
}

/** A Russian telephone number in any usual spelling. Ids are digits too: what stands in a field named `…_id` is one. */
const PHONE = /(?<!_id":"?\d*|[\d.-])(?:\+?7|8)[ (-]{0,2}\d{3}[ )-]{0,2}\d{3}[ -]?\d{2}[ -]?\d{2}(?!\d)/g;
/** What stands for one. A number like it, because a number may stand there without quotes and the line must stay JSON. */
const NO_PHONE = '70000000000';
const CREDENTIALS: readonly [RegExp, string][] = [
  [/\b(Bearer|Basic)\s+[\w.~+/=-]+/gi, '$1 [redacted]'],
  // A JSON Web Token starts with the base64 of `{"`.
  [/\beyJ[\w-]+\.[\w-]+(\.[\w-]*)?/g, '[redacted]'],
  // A personal API token of ours (access/api-tokens.ts).
  [/\bhg_[\w-]{43}/g, '[redacted]'],
  [/(:\/\/[^\s/:@"]+):[^\s@"]+@/g, '$1:[redacted]@'],
];
/** Fields whose value is never of use in a log, whatever it looks like. */
const PRIVATE_FIELDS = ['phone', 'token', 'password', 'authorization', 'cookie', 'text'];

/**
 * The program's log: one JSON object a line, or coloured lines on a terminal. Lines carry `mailing_id`, `message_id`,
 * `client_id` and `job` (strings) where they apply, so that one grep finds everything about one of them.
 *
 * Telephone numbers, tokens and message texts never reach it: known fields are blanked, and the finished line is searched
 * once more, because most leaks come inside the message of somebody else's error.
 */
export function createLogger(options: LogOptions): Logger {
  const secrets = (options.secrets ?? []).filter((secret) => secret !== '');
  const settings: LoggerOptions = {
    level: options.level,
    base: null,
    timestamp: pino.stdTimeFunctions.isoTime,
    formatters: { level: (label) => ({ level: label }) },
    redact: { paths: PRIVATE_FIELDS.flatMap((field) => [field, `*.${field}`, `*.*.${field}`]), censor: '[redacted]' },
    serializers: { err: describeError },
    hooks: { streamWrite: (line) => hide(line, secrets) },
  };
  const destination = options.destination ?? writeTo(1);
  return pino(settings, options.pretty ? prettyStream(destination) : destination);
}

/** How long a write waits for a slow reader before it is tried again, in ms. */
const SLOW_READER_MS = 10;

/**
 * Writes to an open file at once. A slow reader is waited for. Whoever reads may also go away (`| head`, a terminal that
 * was closed): then every later line is dropped, and that is no reason for the program to end, nor for it to stay, as
 * pino's own destination does: it tries for ever to get its last lines into a terminal that is gone (EIO).
 *
 * @param fd number of the open file
 */
export function writeTo(fd: number): DestinationStream {
  let gone = false;
  return {
    write(line) {
      for (let rest = Buffer.from(line); !gone && rest.length > 0; ) {
        try {
          rest = rest.subarray(writeSync(fd, rest));
        } catch (error) {
          gone = (error as NodeJS.ErrnoException).code !== 'EAGAIN';
          if (!gone) Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, SLOW_READER_MS);
        }
      }
    },
  };
}

/** The parts of an error that explain it. Database errors carry the statement and its values beside these: left out. */
function describeError(error: unknown): unknown {
  if (!(error instanceof Error)) return error;
  const { name, message, stack } = error;
  const code = (error as NodeJS.ErrnoException).code;
  const cause = error.cause === undefined ? {} : { cause: describeError(error.cause) };
  return { type: name, message, ...(code === undefined ? {} : { code }), ...cause, stack };
}

function hide(line: string, secrets: readonly string[]): string {
  let hidden = line.replace(PHONE, NO_PHONE);
  for (const [pattern, replacement] of CREDENTIALS) hidden = hidden.replace(pattern, replacement);
  for (const secret of secrets) hidden = hidden.replaceAll(secret, '[redacted]');
  return hidden;
}

function prettyStream(destination: DestinationStream): DestinationStream {
  const lines = pretty.prettyFactory({ colorize: true, translateTime: 'SYS:HH:MM:ss.l', singleLine: true });
  // The line a progress bar is drawn on is wiped first; the bar comes again with its next step.
  return { write: (line) => void destination.write(`\r\x1b[2K${lines(line)}`) };
}
