import { setTimeout as sleep } from 'node:timers/promises';
import type pg from 'pg';
import type { Live } from '../live/live.js';
import { WakeUp } from '../live/wake-up.js';
import { isDatabaseAway } from '../platform/database-away.js';
import { MailingListEvent, MOST_MAILINGS } from './mailing-list-event.js';
import { type Changed, type ChangedRow, readChanged, readMissing } from './read-changed.js';

/** At most two looks a second, and so two events, ms. */
const LOOK_EVERY = 500;
/** Changed mailings that are remembered for those who follow closely. */
const KEPT = 1_000;

/** What a subscriber wants to see. */
export interface ChangesQuery {
  /** null: all. */
  ids: ReadonlySet<string> | null;
  /** The version of the last event seen; null: none, begin with a snapshot. */
  after: number | null;
}

/** What all who follow on this server share: one loop that looks, and what it found. */
class Looks {
  readonly news = new WakeUp();
  readonly stop = new AbortController();
  subscribers = 0;
  failure: unknown;
  /** The last look failed: everybody is woken once one succeeds. */
  blind = false;
  /** Grows with each look that found something; 0: none has been taken yet. */
  number = 0;
  cursor = 0;
  /** What was found after this look is all kept. */
  keptSince = 0;
  /** The look that found the switch of all sending turned. */
  switchedAt = 0;
  /** By id, in the order of the looks. */
  readonly #kept = new Map<string, ChangedRow & { look: number }>();
  #switched: string | null = null;
  #mark: string | null = null;
  /** Events up to the last look, by the look they begin after: all who follow closely get the same object. */
  #events = new Map<number, MailingListEvent>();

  /**
   * Notes what is new. A row whose transaction is still not the oldest is read again, and is nothing new. Of more rows than are
   * kept the older ones are not even read, and what an older transaction wrote is among those: everybody reads for themselves.
   */
  take({ cursor, rows, switched, mark }: Changed): void {
    const isFirst = this.number === 0;
    const isCut = rows.length > KEPT;
    const fresh = rows.filter(({ id, stamp }) => this.#kept.get(id)?.stamp !== stamp);
    const isNews = isCut ? mark !== this.#mark : fresh.length > 0;
    const turned = switched !== this.#switched;
    this.cursor = cursor;
    this.#switched = switched;
    this.#mark = mark;
    if (this.blind) this.news.ring();
    this.blind = false;
    if (!isFirst && !isNews && !turned) return;
    this.number += 1;
    this.#events = new Map();
    if (isFirst || isCut) this.keptSince = this.number;
    else if (turned) this.switchedAt = this.number;
    for (const row of fresh) {
      this.#kept.delete(row.id);
      this.#kept.set(row.id, { ...row, look: this.number });
    }
    for (const [id, { look }] of this.#kept) {
      if (this.#kept.size <= KEPT) break;
      this.#kept.delete(id);
      this.keptSince = Math.max(this.keptSince, look);
    }
    this.news.ring();
  }

  /** What was found after a look, all of which is kept. */
  since(look: number): { rows: ChangedRow[]; switched: boolean } {
    return { rows: [...this.#kept.values()].filter((row) => row.look > look), switched: this.switchedAt > look };
  }

  eventSince(look: number, make: () => MailingListEvent | null): MailingListEvent | null {
    const event = this.#events.get(look) ?? make();
    if (event !== null) this.#events.set(look, event);
    return event;
  }
}

/** Where a subscriber stands, and what it is to be told. */
interface Step {
  look: number;
  cursor: number;
  event: MailingListEvent | null;
}

/**
 * Which mailings change, for lists of them. A subscriber holds its place and nothing else; whoever lags, or comes back with a
 * cursor, reads what it missed from the rows themselves.
 */
export class ChangesFeed {
  #looks: Looks | undefined;

  constructor(
    private readonly live: Pick<Live, 'watchAll'>,
    private readonly pool: pg.Pool,
  ) {}

  /** Goes on until the signal is aborted. */
  async *follow(query: ChangesQuery, signal: AbortSignal): AsyncGenerator<MailingListEvent, void, void> {
    const looks = this.#join();
    const news = looks.news.wait(signal);
    try {
      let step: Step = { look: 0, cursor: query.after ?? -1, event: null };
      while (!signal.aborted) {
        const { tick } = news;
        if (looks.failure !== undefined) throw looks.failure;
        step = await this.#step(query, looks, step).catch(whileAway(step));
        if (step.event === null) await news.changed(tick);
        else yield take(step);
      }
    } finally {
      this.#leave(looks);
    }
  }

  async #step(query: ChangesQuery, looks: Looks, { look, cursor }: Step): Promise<Step> {
    const now = { look: looks.number, cursor: looks.cursor };
    if (looks.number === look) return { look, cursor, event: null };
    if (cursor === -1) return { ...now, event: await this.#snapshot(query, now.cursor) };
    if (look > 0 && look >= looks.keptSince) {
      const { rows, switched } = looks.since(look);
      const make = () => this.#event(query, now.cursor, rows, switched);
      if (rows.length > MOST_MAILINGS) return { ...now, event: await this.#snapshot(query, now.cursor) };
      return { ...now, event: query.ids === null ? looks.eventSince(look, make) : make() };
    }
    const missed = await readChanged(this.pool, cursor, MOST_MAILINGS + 1);
    const gone = cursor > missed.next || missed.rows.length > MOST_MAILINGS;
    const switched = missed.switched !== null && Number(missed.switched) >= cursor;
    return {
      look: now.look,
      cursor: missed.cursor,
      event: gone
        ? await this.#snapshot(query, missed.cursor)
        : this.#event(query, missed.cursor, missed.rows, switched),
    };
  }

  async #snapshot({ ids }: ChangesQuery, version: number): Promise<MailingListEvent> {
    const wanted = ids && [...ids];
    return MailingListEvent.snapshot(version, wanted, wanted ? await readMissing(this.pool, wanted) : []);
  }

  #event({ ids }: ChangesQuery, version: number, rows: ChangedRow[], switched: boolean): MailingListEvent | null {
    const wanted = ids === null ? rows : rows.filter(({ id }) => ids.has(id));
    return wanted.length === 0 && !switched ? null : MailingListEvent.since(version, wanted, switched);
  }

  #join(): Looks {
    if (this.#looks === undefined) {
      this.#looks = new Looks();
      void this.#run(this.#looks);
    }
    this.#looks.subscribers += 1;
    return this.#looks;
  }

  #leave(looks: Looks): void {
    looks.subscribers -= 1;
    if (looks.subscribers > 0) return;
    looks.stop.abort();
    if (this.#looks === looks) this.#looks = undefined;
  }

  async #run(looks: Looks): Promise<void> {
    const { signal } = looks.stop;
    const anything = this.live.watchAll(signal);
    try {
      while (!signal.aborted) {
        const { tick } = anything;
        await this.#look(looks);
        await sleep(LOOK_EVERY, undefined, { signal });
        await anything.changed(tick);
      }
    } catch (error) {
      if (signal.aborted) return;
      looks.failure = error;
      if (this.#looks === looks) this.#looks = undefined;
      looks.stop.abort();
      looks.news.ring();
    }
  }

  /** Nothing while the database is away: whoever follows is told once it is back. */
  async #look(looks: Looks): Promise<void> {
    try {
      // The first look only finds out where we are.
      const isFirst = looks.number === 0;
      looks.take(await readChanged(this.pool, isFirst ? Number.MAX_SAFE_INTEGER : looks.cursor, KEPT + 1));
    } catch (error) {
      if (!isDatabaseAway(error)) throw error;
      looks.blind = true;
    }
  }
}

/** Whoever could not read what was missed tries again from the same place. */
function whileAway(step: Step): (error: unknown) => Step {
  return (error) => {
    if (!isDatabaseAway(error)) throw error;
    return step;
  };
}

/** A generator that is suspended in a `yield`, for as long as its subscriber does not read, keeps its variables. */
function take(step: Step): MailingListEvent {
  const { event } = step;
  step.event = null;
  return event as MailingListEvent;
}
