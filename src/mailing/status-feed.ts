import type pg from 'pg';
import { MessageStatus } from '../message/message.js';
import type { Live, Watch } from '../platform/live.js';
import type { ChangeRow } from '../platform/live-mailing.js';
import { notFound } from '../platform/parse-input.js';
import { MessageStatusEvent } from './message-status-event.js';

/** What a subscriber wants to see. */
export interface StatusQuery {
  mailingId: string;
  clientId: string | null;
  /** null: all. */
  statuses: ReadonlySet<MessageStatus> | null;
  /** The version of the last event seen; null: none, begin with a snapshot. */
  after: number | null;
}

/**
 * Message changes of one mailing, version by version, with none left out and none twice. A subscriber holds its cursor;
 * what it has not seen yet stands in mailing_change.
 */
export class StatusFeed {
  constructor(
    private readonly live: Live,
    private readonly pool: pg.Pool,
  ) {}

  /** The newest version. @throws AppError NOT_FOUND: no such mailing, or it was deleted */
  async version(mailingId: string): Promise<number> {
    const { rows } = await this.pool.query<{ version: string }>({
      name: 'mailing-version',
      text: 'select version from mailing where id = $1 and deleted_at is null',
      values: [mailingId],
    });
    if (rows[0] === undefined) throw notFound('mailing', 'mailingId');
    return Number(rows[0].version);
  }

  /** @throws AppError NOT_FOUND: there never was such a client */
  async checkClient(clientId: string): Promise<void> {
    const { rowCount } = await this.pool.query('select 1 from client where id = $1', [clientId]);
    if (rowCount === 0) throw notFound('client', 'clientId');
  }

  /**
   * Goes on until the signal is aborted.
   * @param newest what `version` said: a cursor beyond it is of another database, and begins anew
   */
  async *follow(
    query: StatusQuery,
    newest: number,
    signal: AbortSignal,
  ): AsyncGenerator<MessageStatusEvent, void, void> {
    const { mailingId, after } = query;
    const watch = this.live.watch(mailingId, signal);
    const resumes =
      after !== null && after <= newest && (after === newest || (await this.#isKept(mailingId, after + 1)));
    let cursor = resumes ? after : newest;
    if (!resumes) yield MessageStatusEvent.snapshot(mailingId, cursor);
    const filter = new ChangeFilter(this.pool, query);
    while (!signal.aborted) {
      const step = await this.#step(watch, filter, cursor);
      cursor = step.cursor;
      if (step.event !== null) yield step.event;
    }
  }

  async #isKept(mailingId: string, version: number): Promise<boolean> {
    const { rowCount } = await this.pool.query({
      name: 'version-kept',
      text: 'select 1 from mailing_change where mailing_id = $1 and version = $2',
      values: [mailingId, version],
    });
    return rowCount === 1;
  }

  /** Waits for a sign of change, or gives the next event. Rows live no longer than this call: a generator that is
   * suspended in a `yield` must not hold them. */
  async #step(
    watch: Watch,
    filter: ChangeFilter,
    cursor: number,
  ): Promise<{ cursor: number; event: MessageStatusEvent | null }> {
    const { mailingId } = filter;
    const { tick } = watch;
    const rows = await watch.rowsAfter(cursor);
    if (rows === 'gone') {
      const version = await this.version(mailingId);
      return { cursor: version, event: MessageStatusEvent.snapshot(mailingId, version) };
    }
    const last = rows.at(-1);
    if (last === undefined) {
      await watch.changed(tick);
      return { cursor, event: null };
    }
    const changes = await filter.changesOf(rows);
    // Somebody who asked for a part is not told of versions that have nothing of it.
    const event =
      changes.length === 0 && filter.isPartial
        ? null
        : new MessageStatusEvent(mailingId, cursor, last.version, changes);
    return { cursor: last.version, event };
  }
}

/** Picks what one subscriber wants. */
class ChangeFilter {
  readonly mailingId: string;
  /** The client's message, once it was made; it may be made while we watch. */
  #messageId: string | undefined;

  constructor(
    private readonly pool: pg.Pool,
    private readonly query: StatusQuery,
  ) {
    this.mailingId = query.mailingId;
  }

  get isPartial(): boolean {
    return this.query.clientId !== null || this.query.statuses !== null;
  }

  async changesOf(rows: readonly ChangeRow[]) {
    const { mailingId, clientId, statuses } = this.query;
    if (clientId !== null && (await this.#findMessage(clientId)) === undefined) return [];
    return rows.flatMap(({ version, at, messageIds, statuses: shown }) =>
      messageIds.flatMap((messageId, place) => {
        const status = shown[place] as MessageStatus;
        if (clientId !== null && messageId !== this.#messageId) return [];
        return statuses === null || statuses.has(status)
          ? [{ mailingId, messageId, status, at, version: String(version) }]
          : [];
      }),
    );
  }

  async #findMessage(clientId: string): Promise<string | undefined> {
    if (this.#messageId !== undefined) return this.#messageId;
    const { rows } = await this.pool.query<{ id: string }>({
      name: 'message-of-client',
      text: `select id from message where mailing_id = $1 and client_id = $2 and kind = 'CAMPAIGN'`,
      values: [this.mailingId, clientId],
    });
    this.#messageId = rows[0]?.id;
    return this.#messageId;
  }
}
