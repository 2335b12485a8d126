import type { MessageStatus } from '../generated/graphql.js';
import type { MessageChange, MessageEvent } from './message-stream.js';

/** Lines that are kept. */
const KEPT = 30;
/** New lines at a time: more cannot be read. */
const NEW_LINES = 5;
/** ms; lines change no more often. */
export const DRAW_EVERY = 500;
/** Draws over which it is said how many of how many are shown. */
const SAID_OVER = 8;

/** A change that is shown. */
export interface FeedLine extends MessageChange {
  /** Grows with each line. */
  key: number;
}

/** What is shown of the feed. */
export interface FeedView {
  /** The newest first. */
  lines: readonly FeedLine[];
  /** One of so many changes is shown; 1: all of them. */
  oneOf: number;
  /** Changes that came by while the lines were held. */
  meanwhile: number;
}

/**
 * The last changes of messages at a pace that can be read: of what comes in half a second a few lines are kept, and it is
 * said of how many. An event costs by the lines shown, not by its changes; with a filter each change is looked at once.
 */
export class Feed {
  #view: FeedView = { lines: [], oneOf: 1, meanwhile: 0 };
  /** The newest last. */
  #fresh: MessageChange[] = [];
  #came = 0;
  #draws: { came: number; shown: number }[] = [];
  #lines = 0;
  #isHeld = false;
  #status: MessageStatus | null = null;
  #timer: ReturnType<typeof setTimeout> | undefined;
  readonly #watchers = new Set<() => void>();

  get view(): FeedView {
    return this.#view;
  }

  /** @returns what ends it */
  watch(watcher: () => void): () => void {
    this.#watchers.add(watcher);
    return () => this.#watchers.delete(watcher);
  }

  take({ changes }: MessageEvent): void {
    const picked: MessageChange[] = [];
    for (let place = changes.length - 1; place >= 0 && picked.length < NEW_LINES; place -= 1) {
      const change = changes[place]!;
      if (this.#status === null || change.status === this.#status) picked.push(change);
    }
    if (picked.length === 0) return;
    this.#fresh = [...this.#fresh, ...picked.reverse()].slice(-NEW_LINES);
    this.#came += this.#status === null ? changes.length : countOf(changes, this.#status);
    this.#timer ??= setTimeout(() => this.#draw(), DRAW_EVERY);
  }

  /** Held lines stay as they are; what comes is counted. */
  hold(isHeld: boolean): void {
    if (isHeld === this.#isHeld) return;
    this.#isHeld = isHeld;
    if (!isHeld) this.#show({ ...this.#view, meanwhile: 0 });
  }

  /** Only changes to this status from now on; null: all. The lines begin anew. */
  choose(status: MessageStatus | null): void {
    this.#status = status;
    this.#fresh = [];
    this.#came = 0;
    this.#draws = [];
    this.#show({ lines: [], oneOf: 1, meanwhile: 0 });
  }

  /** No line comes any more. */
  close(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
  }

  #draw(): void {
    this.#timer = undefined;
    const came = this.#came;
    const fresh = this.#fresh.map((change) => ({ ...change, key: ++this.#lines })).reverse();
    this.#came = 0;
    this.#fresh = [];
    if (this.#isHeld) {
      this.#show({ ...this.#view, meanwhile: this.#view.meanwhile + came });
      return;
    }
    this.#draws = [...this.#draws, { came, shown: fresh.length }].slice(-SAID_OVER);
    const sum = this.#draws.reduce((all, draw) => ({ came: all.came + draw.came, shown: all.shown + draw.shown }));
    const lines = [...fresh, ...this.#view.lines].slice(0, KEPT);
    this.#show({ lines, oneOf: Math.max(1, Math.round(sum.came / sum.shown)), meanwhile: 0 });
  }

  #show(view: FeedView): void {
    this.#view = view;
    for (const watcher of this.#watchers) watcher();
  }
}

function countOf(changes: readonly MessageChange[], status: MessageStatus): number {
  let count = 0;
  for (const change of changes) if (change.status === status) count += 1;
  return count;
}
