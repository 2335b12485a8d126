import type { Client } from 'graphql-ws';
import { ask } from '../api/ask.js';
import {
  MAILING_CHANGED,
  MAILING_PROGRESS,
  MAILINGS,
  type Mailing,
  type MailingChangedData,
  type MailingProgressData,
  type MailingStatus,
  type MailingsData,
  type Sending,
} from './documents.js';
import { count, moment } from './format.js';
import { MailingRow } from './mailing-row.js';

/** The newest mailings; those under way are watched, each by a subscription of its own. */
export class MailingList {
  readonly #rows = new Map<string, MailingRow>();
  readonly #watched = new Map<string, () => void>();
  #reload: Promise<void> | undefined;

  /**
   * @param list where the rows go
   * @param summary says how many there are
   * @param empty shown when there is none
   * @param stopped shown while all sending is stopped
   * @param live opens the socket of the subscriptions, or gives the open one
   */
  constructor(
    private readonly list: HTMLElement,
    private readonly summary: HTMLElement,
    private readonly empty: HTMLElement,
    private readonly stopped: HTMLElement,
    private readonly live: () => Client,
  ) {}

  /** Asks for the list again; calls while one is under way share its answer. Errors are those of `ask`. */
  reload(): Promise<void> {
    this.#reload ??= this.#load().finally(() => {
      this.#reload = undefined;
    });
    return this.#reload;
  }

  /**
   * Shows each change of a mailing as it comes.
   * @param onGap told when only asking for the whole list helps: at first, after a cut, when one was made or deleted
   */
  follow(onGap: () => void): void {
    this.live().subscribe<MailingChangedData>(
      { query: MAILING_CHANGED },
      {
        next: ({ data }) => {
          if (!data) return;
          const { snapshot, sendingSwitched, deletedIds, mailings } = data.mailingChanged;
          const known = mailings.every(({ id }) => this.#rows.has(id));
          if (snapshot || sendingSwitched || deletedIds.length > 0 || !known) onGap();
          else for (const mailing of mailings) this.#show(mailing);
        },
        // The connection's own troubles are on the badge, and it subscribes anew when it is back.
        error: () => undefined,
        complete: () => undefined,
      },
    );
  }

  async #load(): Promise<void> {
    const { mailings, sending } = await ask<MailingsData>(MAILINGS);
    this.stopped.hidden = !sending.stopped;
    this.stopped.textContent = sending.stopped ? describeStop(sending) : '';
    const shown = mailings.edges.map(({ node }) => node);
    const rows = shown.map((mailing) => this.#show(mailing));
    // Rows that are in place already stay there untouched, so that nothing loses the focus or a selection.
    if (rows.some((row, place) => this.list.children[place] !== row) || rows.length !== this.list.children.length) {
      this.list.replaceChildren(...rows);
    }
    this.#forget(new Set(shown.map(({ id }) => id)));
    this.empty.hidden = mailings.totalCount > 0;
    this.summary.textContent = summarise(shown.length, mailings.totalCount);
  }

  #show(mailing: Mailing): HTMLElement {
    const row = this.#rows.get(mailing.id) ?? new MailingRow();
    this.#rows.set(mailing.id, row);
    row.show(mailing);
    const underWay = isUnderWay(mailing.status);
    if (underWay && !this.#watched.has(mailing.id)) this.#watch(mailing.id, row);
    if (!underWay) this.#watched.get(mailing.id)?.();
    return row.element;
  }

  #forget(kept: ReadonlySet<string>): void {
    for (const id of this.#rows.keys()) {
      if (kept.has(id)) continue;
      this.#watched.get(id)?.();
      this.#rows.delete(id);
    }
  }

  #watch(id: string, row: MailingRow): void {
    const stop = this.live().subscribe<MailingProgressData>(
      { query: MAILING_PROGRESS, variables: { mailingId: id } },
      {
        next: ({ data }) => {
          if (!data) return;
          row.showProgress(data.mailingProgress);
          if (!isUnderWay(data.mailingProgress.status)) this.#watched.get(id)?.();
        },
        // The connection's own troubles are on the badge, and the next change of the mailing watches it again.
        error: () => this.#watched.delete(id),
        complete: () => this.#watched.delete(id),
      },
    );
    this.#watched.set(id, stop);
  }
}

/** Whether there may be more to see. A completed mailing may run again, and is then told of as changed. */
function isUnderWay(status: MailingStatus): boolean {
  return status === 'RUNNING' || status === 'PAUSED';
}

function describeStop({ stoppedAt, stoppedBy, reason }: Sending): string {
  const since = stoppedAt === null ? '' : ` since ${moment(stoppedAt)}`;
  return `All sending is stopped${since} by ${stoppedBy}${reason === null ? '' : `: ${reason}`}. Nothing goes out until somebody resumes it.`;
}

function summarise(shown: number, total: number): string {
  if (total === 0) return '';
  return shown < total ? `The newest ${count(shown)} of ${count(total)}` : count(total);
}
