import type { MessageRowFragment, ProgressCountsFragment } from '../generated/graphql.js';
import type { MessageSearch } from './message-search.js';
import type { MessageChange } from './message-stream.js';

/** What the table of messages shows: the rows read so far, each as the changes told since have made it. */
export class MessageList {
  #rows: MessageRowFragment[] = [];
  #places = new Map<string, number>();
  /** Rows of which more changed than an event tells. */
  #stale = new Set<string>();
  /** What was told while rows were on their way, which may be older than that. */
  #meanwhile: Map<string, MessageChange> | null = null;

  get rows(): readonly MessageRowFragment[] {
    return this.#rows;
  }

  /** From now on rows are on their way. */
  expect(): void {
    this.#meanwhile ??= new Map();
  }

  /** Takes rows in behind the others, or in place of all. */
  add(rows: readonly MessageRowFragment[], anew = false): void {
    if (anew) {
      this.#rows = [];
      this.#places.clear();
      this.#stale.clear();
    }
    const fresh = rows.filter(({ id }) => !this.#places.has(id));
    for (const [place, { id }] of fresh.entries()) this.#places.set(id, this.#rows.length + place);
    this.#rows = [...this.#rows, ...fresh];
    const meanwhile = this.#meanwhile;
    this.#meanwhile = null;
    if (meanwhile) for (const { id } of fresh) if (meanwhile.has(id)) this.#change(meanwhile.get(id)!);
  }

  /** @returns whether any row changed */
  take(changes: readonly MessageChange[]): boolean {
    let any = false;
    for (const change of changes) {
      this.#meanwhile?.set(change.messageId, change);
      any = this.#change(change) || any;
    }
    return any;
  }

  /** More may have changed than was told, of every row. */
  doubt(): void {
    for (const { id } of this.#rows) this.#stale.add(id);
  }

  /** Of these rows, the ones that have to be read again to be whole. Whoever asks reads them now. */
  takeStale(ids: readonly string[]): string[] {
    return ids.filter((id) => this.#stale.delete(id));
  }

  /** Takes a row in as it was read, unless more was told since. */
  renew(row: MessageRowFragment): void {
    const place = this.#places.get(row.id);
    if (place !== undefined && !this.#stale.has(row.id)) this.#rows[place] = row;
  }

  #change({ messageId, status, at }: MessageChange): boolean {
    const place = this.#places.get(messageId);
    if (place === undefined) return false;
    const row = this.#rows[place]!;
    this.#stale.add(messageId);
    this.#rows[place] = { ...row, status, sentAt: status === 'SENT' ? at : row.sentAt, waitingFor: null };
    return true;
  }
}

/** How many messages the search finds, by the live counts; null: they don't tell. */
export function liveTotal(
  { statuses, codes, phone, reason }: MessageSearch,
  progress: ProgressCountsFragment,
): number | null {
  if (codes.length > 0 || phone !== '' || reason !== '') return null;
  if (statuses.length === 0) return progress.total;
  const counts = {
    ENQUEUED: progress.enqueued,
    DELAYED: progress.delayed,
    SENDING: progress.sending,
    SENT: progress.sent,
    FAILED: progress.failed,
    EXPIRED: progress.expired,
    CANCELLED: progress.cancelled,
    UNKNOWN: progress.unknown,
  };
  return statuses.reduce((sum, status) => sum + counts[status], 0);
}
