import { AsyncLocalStorage } from 'node:async_hooks';
import { randomUUID } from 'node:crypto';

/** The kinds of things whose ids are worth a field of their own in a line of the log. */
export const TRAIL_KINDS = ['mailing', 'message', 'client', 'client_job'] as const;
export type TrailKind = (typeof TRAIL_KINDS)[number];

/** Ids of one kind that are told of one request; of a list of thousands it is enough to know that it was read. */
const MOST_IDS = 100;

/** What a request for the API left behind, for the log. */
export class RequestTrail {
  /** What the operation calls itself, and the fields it asks for: GraphQL alone. */
  operation: string | undefined;
  fields: readonly string[] | undefined;
  /** The codes of errors in an answer that went out as 200. */
  errors: readonly string[] | undefined;
  readonly #ids = new Map<TrailKind, Set<string>>();

  /** @param id as the header `x-request-id` has it */
  constructor(readonly id: string) {}

  /** Notes that the request is about something. What is no id of ours is left out. */
  touch(kind: TrailKind, id: unknown): void {
    if (typeof id !== 'string' || !/^[1-9]\d{0,18}$/.test(id)) return;
    const ids = this.#ids.get(kind) ?? new Set();
    this.#ids.set(kind, ids);
    if (ids.size < MOST_IDS) ids.add(id);
  }

  /** Sets of fields that hold every id once: one line each. At least one, which may be empty. */
  lines(): Record<string, string>[] {
    const lines: Record<string, string>[] = [{}];
    for (const [kind, ids] of this.#ids) {
      let row = 0;
      for (const id of ids) {
        lines[row] ??= {};
        lines[row]![`${kind}_id`] = id;
        row += 1;
      }
    }
    return lines;
  }
}

/** Which request is being answered, wherever in the program that is. A context, not a state: each request has its own. */
const current = new AsyncLocalStorage<RequestTrail>();

/** Does something as a part of answering a request. */
export function withTrail<T>(trail: RequestTrail, work: () => T): T {
  return current.run(trail, work);
}

/** The request that is being answered; undefined: none is. */
export function currentTrail(): RequestTrail | undefined {
  return current.getStore();
}

/** The fields of every line that is written while a request is answered. */
export function requestFields(): object {
  const trail = current.getStore();
  return trail === undefined ? {} : { request_id: trail.id };
}

/** Of letters only: digits may read like a phone by chance, and the log would mask them. */
export function newRequestId(): string {
  // Node draws the randomness of many UUIDs at once, and that of some bytes each time anew.
  return randomUUID()
    .replaceAll('-', '')
    .slice(-24)
    .replace(/\d/g, (digit) => 'ghijklmnop'[Number(digit)]!);
}
