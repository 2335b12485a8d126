import type pg from 'pg';
import type { Logger } from '../platform/log.js';
import { CHANGE_CHANNEL } from './change-bell.js';
import { Listener } from './listener.js';
import { type ChangeRow, LiveMailing } from './live-mailing.js';
import { type Waiter, WakeUp } from './wake-up.js';

/** How often a watched mailing is looked at without being told to, ms: what a lost NOTIFY costs. */
const LOOK_EVERY = 1_000;

/** What live needs to know. */
export interface LiveOptions {
  databaseUrl: string;
  /** For reading; subscribers that lag read at their own pace, so it should not be the pool of everybody else. */
  pool: pg.Pool;
  log: Logger;
  /** ms between looks; LOOK_EVERY when left out. */
  lookEveryMs?: number;
}

/**
 * One subscriber's view of a mailing. It holds a wake-up and nothing else: where the subscriber stands is the
 * subscriber's to know, and what it missed stands in the table.
 */
export interface Watch extends Waiter {
  /** The mailing was deleted: nothing further comes, once all rows are read. Known within a second. */
  readonly deleted: boolean;
  /** The next change rows after a version, as many as fit one event; `gone`: they are no longer kept. */
  rowsAfter(version: number): Promise<ChangeRow[] | 'gone'>;
}

/**
 * Feeds this server's subscriptions. It LISTENs once, on a connection of its own, reads each new change row once for all
 * who follow closely, and while anybody watches looks by itself each second, so that a lost NOTIFY, or a cut
 * connection, costs a second and nothing else.
 */
export class Live {
  readonly #mailings = new Map<string, LiveMailing>();
  readonly #anything = new WakeUp();
  readonly #listener: Listener;
  readonly #options: LiveOptions;
  #timer: NodeJS.Timeout | undefined;
  #looking: Promise<void> | undefined;
  /** The last look failed: everybody is woken once one succeeds. */
  #blind = false;

  constructor(options: LiveOptions) {
    this.#options = options;
    this.#listener = new Listener({
      databaseUrl: options.databaseUrl,
      channel: CHANGE_CHANNEL,
      onNotify: (payload) => this.#heard(payload),
      onListening: () => this.#tick(),
      log: options.log,
    });
  }

  /** True while this server is told of changes at once. */
  get listening(): boolean {
    return this.#listener.listening;
  }

  /** How many mailings are watched just now. */
  get watched(): number {
    return this.#mailings.size;
  }

  start(): void {
    this.#listener.start();
    this.#timer = setInterval(() => this.#tick(), this.#options.lookEveryMs ?? LOOK_EVERY);
  }

  /** Stops telling anybody anything. End the subscriptions first. */
  async close(): Promise<void> {
    clearInterval(this.#timer);
    await this.#listener.close();
    await this.#looking;
  }

  /** Watches a mailing until the signal is aborted. */
  watch(mailingId: string, signal: AbortSignal): Watch {
    const mailing = this.#mailings.get(mailingId) ?? new LiveMailing(mailingId, this.#options.pool, this.#options.log);
    this.#mailings.set(mailingId, mailing);
    const waiter = mailing.news.wait(signal);
    const forget = () => {
      if (mailing.news.waiters === 0) this.#mailings.delete(mailingId);
    };
    if (signal.aborted) forget();
    else signal.addEventListener('abort', forget, { once: true });
    return {
      get tick() {
        return waiter.tick;
      },
      get deleted() {
        return mailing.deleted;
      },
      changed: (tick) => waiter.changed(tick),
      rowsAfter: (version) => mailing.rowsAfter(version),
    };
  }

  /** Woken at each NOTIFY, whichever mailing it is of, and each second without one: then it is time to look. */
  watchAll(signal: AbortSignal): Waiter {
    return this.#anything.wait(signal);
  }

  #heard(payload: string): void {
    const [mailingId = '', version] = payload.split(':');
    this.#mailings.get(mailingId)?.hear(Number(version));
    this.#anything.ring();
  }

  #tick(): void {
    void this.#look();
    this.#anything.ring();
  }

  /** One query for all watched mailings; a look that takes longer than a second is not overtaken by another. */
  #look(): Promise<void> {
    this.#looking ??= this.#lookOnce().finally(() => {
      this.#looking = undefined;
    });
    return this.#looking;
  }

  async #lookOnce(): Promise<void> {
    if (this.#mailings.size === 0) return;
    try {
      const { rows } = await this.#options.pool.query<{ id: string; version: string; state: string; deleted: boolean }>(
        {
          name: 'live-look',
          text: `select id, version, concat_ws(' ', status, revision, deleted_at) as state, deleted_at is not null as deleted
          from mailing where id = any($1)`,
          values: [[...this.#mailings.keys()]],
        },
      );
      for (const { id, ...row } of rows) {
        this.#mailings.get(id)?.see({ ...row, version: Number(row.version) }, this.#blind);
      }
      this.#blind = false;
    } catch (error) {
      if (!this.#blind)
        this.#options.log.warn({ err: error }, 'changes can not be read just now; trying again each second');
      this.#blind = true;
    }
  }
}
