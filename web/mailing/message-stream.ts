import type { Client } from 'graphql-ws';
import { stringifyDocument } from 'urql';
import { MessageChangesDocument, type MessageChangesSubscription } from '../generated/graphql.js';

/** What one event brought. */
export type MessageEvent = MessageChangesSubscription['messageStatusChanged'];
/** One message's new status. */
export type MessageChange = MessageEvent['changes'][number];
/** Is told every event in order. A snapshot says that what came before it is not told: read anew what is shown. */
export type Watcher = (event: MessageEvent) => void;

/** ms; before a stream that the server ended is asked for again. */
const AGAIN_AFTER = 2_000;
/** Of a longer cut everything that is shown is read anew: that is quicker than to be told so many changes. */
const MOST_CAUGHT_UP = 100_000;
/** Nothing is gained by asking again. */
const FINAL_CODES = new Set(['NOT_FOUND', 'FORBIDDEN', 'BAD_USER_INPUT']);

/**
 * All changes of one mailing's messages: one subscription for all who watch, without the cache, which would look at each of thousands a second.
 * It is open while anybody watches. After a cut it goes on from the last event seen.
 */
export class MessageStream {
  readonly #watchers = new Set<Watcher>();
  readonly #pace = new Pace();
  #cursor: string | null = null;
  #close: (() => void) | undefined;
  #again: ReturnType<typeof setTimeout> | undefined;

  constructor(
    private readonly mailingId: string,
    private readonly subscribe: Client['subscribe'],
    private readonly now: () => number = Date.now,
  ) {}

  /** @returns what ends it */
  watch(watcher: Watcher): () => void {
    this.#watchers.add(watcher);
    if (this.#watchers.size === 1) this.#open();
    return () => {
      this.#watchers.delete(watcher);
      if (this.#watchers.size > 0) return;
      clearTimeout(this.#again);
      this.#close?.();
      this.#close = undefined;
      this.#cursor = null;
    };
  }

  #open(): void {
    const stream = this;
    const variables = {
      mailingId: this.mailingId,
      // Read whenever the subscription is sent: graphql-ws sends the same one again after each cut.
      get after() {
        return stream.#pace.missedBy(stream.now()) > MOST_CAUGHT_UP ? null : stream.#cursor;
      },
    };
    this.#close = this.subscribe<MessageChangesSubscription>(
      { query: stringifyDocument(MessageChangesDocument), variables },
      {
        next: ({ data, errors }) => {
          if (data) this.#tell(data.messageStatusChanged);
          else this.#ended(errors);
        },
        error: (errors) => this.#ended(errors),
        complete: () => this.#ended([]),
      },
    );
  }

  #tell(event: MessageEvent): void {
    this.#cursor = event.version;
    this.#pace.count(event.changes.length, this.now());
    for (const watcher of this.#watchers) watcher(event);
  }

  #ended(errors: unknown): void {
    const codes = Array.isArray(errors) ? errors.map((error) => error?.extensions?.code) : [];
    if (this.#watchers.size === 0 || codes.some((code) => FINAL_CODES.has(code))) return;
    clearTimeout(this.#again);
    this.#again = setTimeout(() => {
      this.#close?.();
      this.#open();
    }, AGAIN_AFTER);
  }
}

/** ms; over which changes a second are counted. */
const STRETCH = 5_000;

/** How many changes a second there were when one last heard of any. */
class Pace {
  #from = 0;
  #counted = 0;
  #perSecond = 0;
  #last = 0;

  count(changes: number, now: number): void {
    if (now - this.#from > STRETCH) {
      this.#perSecond = this.#from === 0 ? 0 : (this.#counted / (now - this.#from)) * 1_000;
      this.#from = now;
      this.#counted = 0;
    }
    this.#counted += changes;
    this.#last = now;
  }

  /** How many there may have been since, at that pace. */
  missedBy(now: number): number {
    const sofar = this.#counted / Math.max(1, (this.#last - this.#from) / 1_000);
    return (Math.max(this.#perSecond, sofar) * (now - this.#last)) / 1_000;
  }
}
