import type { Mailing, MailingStatus, Progress } from './documents.js';
import { count, duration, period, share } from './format.js';

type Part = 'sent' | 'open' | 'failed' | 'expired' | 'cancelled' | 'unknown';

/** The bar's parts from left to right, and the word for each in the legend under it. */
const PARTS: readonly (readonly [Part, string])[] = [
  ['sent', 'sent'],
  ['failed', 'failed'],
  ['expired', 'expired'],
  ['cancelled', 'cancelled'],
  ['unknown', 'unknown'],
  ['open', 'waiting'],
];

const STATUS_WORDS: Record<MailingStatus, string> = {
  DRAFT: 'Draft',
  SCHEDULED: 'Scheduled',
  RUNNING: 'Running',
  PAUSED: 'Paused',
  COMPLETED: 'Completed',
  CANCELLED: 'Cancelled',
};

/** One mailing in the list: its name, status, times, and a stacked bar that moves with each progress event. */
export class MailingRow {
  readonly element = make('li', 'card mailing');
  readonly #name = make('h2', 'name');
  readonly #status = make('span', 'status');
  readonly #times = make('p', 'times dim');
  readonly #bar = make('div', 'stack');
  readonly #figures = make('p', 'figures');
  readonly #legend = make('ul', 'legend');
  readonly #segments = new Map(PARTS.map(([part]) => [part, make('span', `segment ${part}`)]));
  #mailing: Mailing | undefined;

  constructor() {
    const heading = make('div', 'heading');
    heading.append(this.#name, this.#status);
    this.#bar.setAttribute('role', 'img');
    this.#bar.append(...this.#segments.values());
    this.element.append(heading, this.#times, this.#bar, this.#figures, this.#legend);
  }

  /** Shows the mailing as the list or an event gave it. What an edit has overtaken on the way changes nothing. */
  show(mailing: Mailing): void {
    if (this.#mailing !== undefined && mailing.revision < this.#mailing.revision) return;
    this.#name.textContent = mailing.name;
    this.#times.textContent = period(mailing.startsAt, mailing.endsAt);
    this.#mailing = { ...mailing, progress: this.#mailing?.progress ?? mailing.progress };
    this.showProgress(mailing.progress);
  }

  /** Shows newer counts of the same mailing. An answer that an event has overtaken on the way changes no count. */
  showProgress(newer: Progress): void {
    if (this.#mailing === undefined) return;
    if (BigInt(newer.version) >= BigInt(this.#mailing.progress.version)) this.#mailing.progress = newer;
    const { progress } = this.#mailing;
    this.#status.textContent = STATUS_WORDS[progress.status];
    this.#status.dataset['status'] = progress.status;
    this.#bar.hidden = progress.total === 0;
    for (const [part, segment] of this.#segments) {
      segment.hidden = progress[part] === 0;
      segment.style.flexGrow = String(progress[part]);
    }
    this.#bar.setAttribute('aria-label', `${share(progress.sent, progress.total)} sent`);
    this.#figures.textContent = figures(this.#mailing);
    this.#legend.replaceChildren(
      ...PARTS.filter(([part]) => progress[part] > 0).map(([part, word]) => {
        const entry = make('li', part);
        entry.textContent = `${count(progress[part])} ${word}`;
        return entry;
      }),
    );
  }
}

/** The line under the bar: how far it is and, while it runs, how fast it goes and how long it will take. */
function figures({ progress, startsAt }: Mailing): string {
  const { status } = progress;
  if (progress.total === 0) {
    if (status === 'SCHEDULED') return `Starts by itself in ${duration(Date.parse(startsAt) - Date.now())}.`;
    return status === 'COMPLETED' ? 'Nobody matched its filter.' : 'Nothing has gone out.';
  }
  const sent = `${count(progress.sent)} of ${count(progress.total)} sent (${share(progress.sent, progress.total)})`;
  if (status !== 'RUNNING' || progress.open === 0) return sent;
  const rate = progress.ratePerSecond ? ` · ${count(Math.round(progress.ratePerSecond))} a second` : '';
  const left = progress.eta === null ? '' : ` · about ${duration(Date.parse(progress.eta) - Date.now())} left`;
  return sent + rate + left;
}

function make<K extends keyof HTMLElementTagNameMap>(tag: K, className: string): HTMLElementTagNameMap[K] {
  const element = document.createElement(tag);
  element.className = className;
  return element;
}
