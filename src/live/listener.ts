import pg from 'pg';
import type { Logger } from '../platform/log.js';

/** Waits between attempts to reconnect double from the first to the second, ms. */
const FIRST_WAIT = 250;
const LONGEST_WAIT = 5_000;

/** What a listener needs to know. */
export interface ListenerOptions {
  databaseUrl: string;
  /** Channel of LISTEN: a plain lower-case name. */
  channel: string;
  onNotify: (payload: string) => void;
  /** Told each time it listens anew: what was rung in between was missed. */
  onListening: () => void;
  log: Logger;
}

/** One connection that does nothing but LISTEN. It comes back by itself; a lost one is logged once, and never throws. */
export class Listener {
  readonly #options: ListenerOptions;
  #client: pg.Client | undefined;
  #timer: NodeJS.Timeout | undefined;
  #wait = FIRST_WAIT;
  #open = false;
  #listening = false;

  constructor(options: ListenerOptions) {
    this.#options = options;
  }

  /** True while notifications come in. */
  get listening(): boolean {
    return this.#listening;
  }

  /** Begins to connect and returns at once. */
  start(): void {
    this.#open = true;
    void this.#connect();
  }

  async close(): Promise<void> {
    this.#open = false;
    this.#listening = false;
    clearTimeout(this.#timer);
    const client = this.#client;
    this.#client = undefined;
    await client?.end().catch(() => {});
  }

  async #connect(): Promise<void> {
    const { databaseUrl, channel, onNotify, onListening } = this.#options;
    const client = new pg.Client({
      connectionString: databaseUrl,
      application_name: 'heliograph live',
      connectionTimeoutMillis: 5_000,
      keepAlive: true,
    });
    this.#client = client;
    client.on('error', (error) => this.#lose(client, error));
    client.on('end', () => this.#lose(client, new Error('the server closed the connection')));
    client.on('notification', ({ payload }) => {
      if (payload !== undefined) onNotify(payload);
    });
    try {
      await client.connect();
      await client.query(`listen ${channel}`);
      if (this.#client !== client) return;
      this.#listening = true;
      this.#wait = FIRST_WAIT;
      onListening();
    } catch (error) {
      this.#lose(client, error);
    }
  }

  #lose(client: pg.Client, error: unknown): void {
    if (client !== this.#client || !this.#open) return;
    this.#client = undefined;
    client.end().catch(() => {});
    if (this.#listening) this.#options.log.warn({ err: error }, 'the connection that listens for changes was lost');
    this.#listening = false;
    this.#timer = setTimeout(() => void this.#connect(), this.#wait * (0.5 + Math.random() / 2));
    this.#wait = Math.min(LONGEST_WAIT, this.#wait * 2);
  }
}
