import type pg from 'pg';
import { isDatabaseAway } from '../platform/database-away.js';
import type { Logger } from '../platform/log.js';
import { WakeUp } from './wake-up.js';

/** An event takes no further change row once it has so many changes. */
const EVENT_CHANGES = 1_000;
/** The same, for rows that are read from the table: bytes of ids as stored, packed to half their size or so. */
const EVENT_BYTES = 6_000;
/** Change rows read at once, at the most. */
const EVENT_ROWS = 100;
/** What is kept of each watched mailing for those who follow closely: rows, and changes in them. */
const KEPT_ROWS = 200;
const KEPT_CHANGES = 10_000;

/** One version: what changed with it. Shared by all who read it, and never altered. */
export interface ChangeRow {
  readonly version: number;
  readonly at: Date;
  /** Parallel to `statuses`. */
  readonly messageIds: readonly string[];
  readonly statuses: readonly string[];
}

/** What a look at a mailing's row shows. */
export interface MailingLook {
  version: number;
  /** Differs after whatever else subscribers are to be woken for. */
  state: string;
  deleted: boolean;
}

/**
 * Rows after $2, until their ids together take $3 bytes. The size of a stored array is known without unpacking it; to
 * count a hundred arrays of a thousand ids took 6 ms.
 */
const READ = `
  select version, at, message_ids as "messageIds", statuses from (
    select *, sum(pg_column_size(message_ids)) over (order by version) - pg_column_size(message_ids) as before
    from (
      select version, at, message_ids, statuses from mailing_change
      where mailing_id = $1 and version > $2 order by version limit $4
    ) next
  ) counted
  where before < $3
  order by version`;

/**
 * A mailing that somebody on this server watches: its wake-ups, and the last few change rows. Those who follow closely
 * share one read of each row; whoever lags behind the kept rows reads the table by himself.
 */
export class LiveMailing {
  /** Rung with every sign of change. */
  readonly news = new WakeUp();
  /** The newest version heard of, by NOTIFY or look. */
  #heard = -1;
  /** The newest version that the mailing row showed: rows up to it exist, or existed. */
  #seen = -1;
  #state: string | undefined;
  /** A read failed since the last look. */
  #stale = false;
  #deleted = false;
  #kept: ChangeRow[] = [];
  #keptChanges = 0;
  /** The version up to which rows were read into `#kept`; undefined: nobody has read yet. */
  #readTo: number | undefined;
  #reading: { tick: number; done: Promise<void> } | undefined;

  constructor(
    private readonly mailingId: string,
    private readonly pool: pg.Pool,
    private readonly log: Logger,
  ) {}

  /** The mailing was deleted when it was last looked at. */
  get deleted(): boolean {
    return this.#deleted;
  }

  /** A NOTIFY came. What it says is only a reason to look. */
  hear(version: number): void {
    if (!(version > this.#heard)) return;
    this.#heard = version;
    this.news.ring();
  }

  /**
   * The mailing row was read.
   * @param again wakes everybody even if nothing seems new
   */
  see({ version, state, deleted }: MailingLook, again: boolean): void {
    const news = version > this.#seen || (this.#state !== undefined && state !== this.#state);
    // The row is what counts: a NOTIFY that spoke of a version far ahead must not silence those to come.
    this.#heard = version;
    this.#seen = Math.max(this.#seen, version);
    this.#state = state;
    this.#deleted = deleted;
    if (news || again || this.#stale) this.news.ring();
    this.#stale = false;
  }

  /** @throws what pg throws, unless the database is away: then nothing is new until it is back */
  async rowsAfter(version: number): Promise<ChangeRow[] | 'gone'> {
    const seen = this.#seen;
    try {
      const rows = await this.#rowsAfter(version, seen);
      const gap = rows.findIndex((row, place) => row.version !== version + 1 + place);
      if (gap === 0 || (rows.length === 0 && seen > version)) return 'gone';
      return gap === -1 ? rows : rows.slice(0, gap);
    } catch (error) {
      if (!isDatabaseAway(error)) throw error;
      if (!this.#stale)
        this.log.warn({ err: error, mailing_id: this.mailingId }, 'change rows can not be read just now');
      this.#stale = true;
      return [];
    }
  }

  /** What is not in the table is gone; what is not among the kept rows may have been overtaken by somebody ahead. */
  async #rowsAfter(version: number, seen: number): Promise<ChangeRow[]> {
    if (this.#lags(version)) return await this.#read(version);
    const rows = await this.#readAlong(version);
    const isNext = rows[0] === undefined ? seen <= version : rows[0].version === version + 1;
    return isNext && !this.#lags(version) ? rows : await this.#read(version);
  }

  /** Whether what comes after a version was kept no longer, or lies before what anybody here has read. */
  #lags(version: number): boolean {
    if (this.#readTo === undefined) return false;
    return version < (this.#kept[0]?.version ?? this.#readTo + 1) - 1;
  }

  async #readAlong(version: number): Promise<ChangeRow[]> {
    // Everybody who read along has left or lags: nobody needs the rows in between.
    if (this.#readTo === undefined || version > this.#readTo + EVENT_ROWS) this.#restart(version);
    for (let from = this.#readTo; from !== undefined && from <= version; from = this.#readTo) {
      await this.#readNext();
      if (this.#readTo === from) break;
    }
    const rows: ChangeRow[] = [];
    let changes = 0;
    for (const row of this.#kept) {
      if (row.version <= version) continue;
      if (changes >= EVENT_CHANGES || rows.length >= EVENT_ROWS) break;
      rows.push(row);
      changes += row.messageIds.length;
    }
    return rows;
  }

  #restart(version: number): void {
    this.#kept = [];
    this.#keptChanges = 0;
    this.#readTo = version;
  }

  /** Reads what is new into the kept rows; all who wait for it share one query. */
  async #readNext(): Promise<void> {
    // A query that began before the last sign of change may not show what that was about.
    while (this.#reading && this.#reading.tick < this.news.tick) await this.#reading.done.catch(() => {});
    if (!this.#reading) {
      const reading = { tick: this.news.tick, done: this.#append() };
      this.#reading = reading;
      const over = () => {
        if (this.#reading === reading) this.#reading = undefined;
      };
      reading.done.then(over, over);
    }
    await this.#reading.done;
  }

  async #append(): Promise<void> {
    const from = this.#readTo ?? 0;
    const rows = await this.#read(from);
    if (this.#readTo !== from) return;
    for (const row of rows) {
      this.#kept.push(row);
      this.#keptChanges += row.messageIds.length;
      this.#readTo = row.version;
    }
    while (this.#kept.length > KEPT_ROWS || (this.#keptChanges > KEPT_CHANGES && this.#kept.length > 1)) {
      this.#keptChanges -= this.#kept.shift()?.messageIds.length ?? 0;
    }
  }

  async #read(version: number): Promise<ChangeRow[]> {
    const { rows } = await this.pool.query<Omit<ChangeRow, 'version'> & { version: string }>({
      name: 'live-rows',
      text: READ,
      values: [this.mailingId, version, EVENT_BYTES, EVENT_ROWS],
    });
    return rows.map((row) => ({ ...row, version: Number(row.version) }));
  }
}
