import { BaseNotificationChannel, type JobNotification, toJobId } from 'agenda';
import type pg from 'pg';
import type { JobName } from './scheduler-jobs.js';

/** The channel of LISTEN and NOTIFY; the payload is the name of a job. */
const CHANNEL = 'heliograph_jobs';
/** Pause before LISTEN is tried again, in ms; until it works the poll finds the jobs. */
const RETRY_MS = 250;

/**
 * Wakes workers in this and every other process, by Postgres' NOTIFY, on either backend. Holds one connection of the
 * pool while it listens.
 *
 * Agenda brings a PostgresNotificationChannel, but that one keeps a connection for good each time LISTEN fails, until
 * the pool has none left, and sends three more NOTIFYs for each run to tell everybody about it.
 */
export class Bell extends BaseNotificationChannel {
  readonly #pool: pg.Pool;
  readonly #onError: (error: Error) => void;
  #client: pg.PoolClient | undefined;
  #retry: NodeJS.Timeout | undefined;
  #open = false;

  /** @param onError told of each connection that was lost or could not be made; the bell mends itself */
  constructor(pool: pg.Pool, onError: (error: Error) => void) {
    super({ channelName: CHANNEL });
    this.#pool = pool;
    this.#onError = onError;
    this.on('error', onError);
  }

  /** Never rejects: what fails now is tried again until disconnect(). */
  async connect(): Promise<void> {
    this.#open = true;
    await this.#listen();
  }

  async disconnect(): Promise<void> {
    this.#open = false;
    clearTimeout(this.#retry);
    this.#drop(this.#client);
    this.handlers.clear();
    this.setState('disconnected');
  }

  /** Rings in every process. */
  async ring(name: JobName): Promise<void> {
    await this.#pool.query('SELECT pg_notify($1, $2)', [CHANNEL, name]);
  }

  /** Rings in this process only. */
  wake(name: string): void {
    const notification = { jobId: toJobId(name), jobName: name, nextRunAt: null, priority: 0, timestamp: new Date() };
    this.notifyHandlers(notification).catch(this.#onError);
  }

  /** What Agenda calls when one of its own pages saves a job. */
  async publish(notification: JobNotification): Promise<void> {
    await this.#pool.query('SELECT pg_notify($1, $2)', [CHANNEL, notification.jobName]);
  }

  async #listen(): Promise<void> {
    let client: pg.PoolClient | undefined;
    try {
      client = await this.#pool.connect();
      this.#client = client;
      const lost = (error?: Error) => this.#lose(client, error ?? new Error('The connection that listens was closed.'));
      client.on('error', lost);
      client.on('end', lost);
      client.on('notification', ({ channel, payload }) => {
        if (channel === CHANNEL && payload) this.wake(payload);
      });
      await client.query(`LISTEN ${CHANNEL}`);
      if (this.#open) this.setState('connected');
      else this.#drop(client);
    } catch (error) {
      this.#lose(client, error instanceof Error ? error : new Error(String(error)));
    }
  }

  #lose(client: pg.PoolClient | undefined, error: Error): void {
    if (client !== this.#client) return;
    this.#drop(client);
    if (!this.#open) return;
    this.setState('reconnecting');
    this.#onError(error);
    this.#retry = setTimeout(() => this.#listen(), RETRY_MS);
  }

  /** Ends the connection: given back to the pool it would still be listening. */
  #drop(client: pg.PoolClient | undefined): void {
    if (client === undefined || client !== this.#client) return;
    this.#client = undefined;
    client.release(true);
  }
}
