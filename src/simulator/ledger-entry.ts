import { z } from 'zod';

/**
 * The ledger: what the gateway saw and said, one JSON object a line, appended before the answer is given.
 *
 *     {"seq":1,"id":10000,"phone":79161234567,"hash":"Zq3…","at":1795248000123.456,"status":200,"code":0,"accepted":true,"complete":true}
 *
 * A request that is not answered in the event-loop turn in which it arrived has two lines, its arrival and its answer:
 *
 *     {"seq":2,"id":10001,"phone":79161234568,"hash":"k0P…","at":1795248000123.789}
 *     {"seq":2,"answeredAt":1795248000623.012,"status":503,"code":null,"accepted":false,"complete":true}
 *
 * Lines of one `seq` are laid over each other in the order of the file (an answer that drips has a line at its begin,
 * incomplete, and one at its end). A request without an answer line was never answered. No line is ever changed.
 */
const line = z.object({
  /** Number of the request, from 1 on, also over restarts. */
  seq: z.int().positive(),
  /** Message id from the address; null when it was none. */
  id: z.int().positive().nullable().optional(),
  /** From the body; null when it was not read or made no sense. */
  phone: z.int().nullable().optional(),
  /** SHA-256 of the body's bytes, base64url, the first 128 bits; null when the body was not read to its end. */
  hash: z.string().nullable().optional(),
  /** Arrival of the request's head, ms since the epoch with fraction. */
  at: z.number().optional(),
  /** The simulator had stood still since then (ms since the epoch), for want of a core: the request came earlier than it says. */
  heldSince: z.number().optional(),
  /** When the answer was given, if that was in a later turn; ms since the epoch with fraction. */
  answeredAt: z.number().optional(),
  /** HTTP status of the answer; null when none was given. */
  status: z.int().nullable().optional(),
  /** The `code` in the answer, when it was a number. */
  code: z.number().nullable().optional(),
  /** The gateway took the message, whether or not it said so. */
  accepted: z.boolean().optional(),
  /** The answer was given to its end, to somebody who was still there. */
  complete: z.boolean().optional(),
  /** The id had been accepted before. */
  repeat: z.boolean().optional(),
});

/** One line as it stands in the file. */
export type LedgerLine = z.output<typeof line>;

/** One request with all that is known of it. */
export interface LedgerEntry {
  seq: number;
  id: number | null;
  phone: number | null;
  hash: string | null;
  at: number;
  status: number | null;
  code: number | null;
  accepted: boolean;
  complete: boolean;
  repeat: boolean;
}

/** @throws Error that tells what is wrong with the line, without its contents: there is a phone in it */
export function parseLedgerLine(text: string): LedgerLine {
  let parsed: unknown;
  try {
    parsed = JSON.parse(text);
  } catch {
    throw new Error('a line of the ledger is no JSON');
  }
  const { data, error } = line.safeParse(parsed);
  if (data) return data;
  throw new Error(`a line of the ledger is wrong: ${error.issues.map((i) => `${i.path.join('.')} ${i.message}`)}`);
}

/** Lays lines over each other; entries come in the order of arrival. */
export function mergeLedgerLines(lines: Iterable<LedgerLine>): LedgerEntry[] {
  const entries = new Map<number, LedgerEntry>();
  for (const { answeredAt, heldSince, ...facts } of lines) {
    const known = entries.get(facts.seq) ?? { ...UNANSWERED, seq: facts.seq };
    entries.set(facts.seq, Object.assign(known, facts));
  }
  return [...entries.values()];
}

const UNANSWERED = {
  id: null,
  phone: null,
  hash: null,
  at: 0,
  status: null,
  code: null,
  accepted: false,
  complete: false,
  repeat: false,
};
