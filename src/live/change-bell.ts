import type pg from 'pg';

/** The NOTIFY channel; its payload is `<mailing id>:<version>`. */
export const CHANGE_CHANNEL = 'heliograph_change';

/** At most one NOTIFY a mailing in so many ms: subscribers are told to look, not what they will see. */
const QUIET_MS = 40;

/**
 * Tells every server that a mailing has a new version, after the commit and never in it: a full NOTIFY queue must not
 * fail a send. A lost one costs a second, as whoever is watched looks by itself as well.
 */
export class ChangeBell {
  readonly #pending = new Map<string, string>();
  #timer: NodeJS.Timeout | undefined;

  constructor(private readonly pool: pg.Pool) {}

  /** Returns at once. */
  ring(mailingId: string, version: string): void {
    this.#pending.set(mailingId, version);
    this.#timer ??= setTimeout(() => void this.flush(), QUIET_MS);
  }

  /** Tells what has not been told yet; never throws. */
  async flush(): Promise<void> {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    const payloads = [...this.#pending].map(([mailingId, version]) => `${mailingId}:${version}`);
    this.#pending.clear();
    if (payloads.length === 0) return;
    await this.pool
      .query(`select pg_notify($1, p) from unnest($2::text[]) as p`, [CHANGE_CHANNEL, payloads])
      .catch(() => {});
  }
}
