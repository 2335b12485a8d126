import type pg from 'pg';
import { notFound } from '../graphql/parse-input.js';
import type { Live, Watch } from '../live/live.js';
import type { ChangeRow } from '../live/live-mailing.js';
import { MessageStatus } from '../message/message.js';
import { type MessageStatusChange, MessageStatusEvent } from './message-status-event.js';

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
  /** The event that ends with a row, while the row is kept. */
  readonly #events = new WeakMap<ChangeRow, MessageStatusEvent>();

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
   * @throws AppError NOT_FOUND once the mailing is deleted
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
      const step = await this.#step(mailingId, watch, filter, cursor);
      cursor = step.cursor;
      if (step.event !== null) yield take(step);
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

  /** Waits for a sign of change, or gives the next event. Rows live no longer than this call. */
  async #step(mailingId: string, watch: Watch, filter: ChangeFilter, cursor: number): Promise<Step> {
    const { tick } = watch;
    const rows = await watch.rowsAfter(cursor);
    if (rows === 'gone') {
      const version = await this.version(mailingId);
      return { cursor: version, event: MessageStatusEvent.snapshot(mailingId, version) };
    }
    const last = rows.at(-1);
    if (last === undefined) {
      if (watch.deleted) throw notFound('mailing', 'mailingId');
      await watch.changed(tick);
      return { cursor, event: null };
    }
    return {
      cursor: last.version,
      event: filter.isPartial ? await filter.eventOf(cursor, rows) : this.#shared(mailingId, cursor, rows, last),
    };
  }

  /** All who follow closely get the same object, so that it is made, and answered (transport/subscribe.ts), once. */
  #shared(mailingId: string, cursor: number, rows: readonly ChangeRow[], last: ChangeRow): MessageStatusEvent {
    const known = this.#events.get(last);
    if (known?.previousVersion === String(cursor)) return known;
    const event = new MessageStatusEvent(
      mailingId,
      cursor,
      last.version,
      rows.flatMap((row) => changesOf(mailingId, row)),
    );
    this.#events.set(last, event);
    return event;
  }
}

interface Step {
  /** Where the subscriber stands after it. */
  cursor: number;
  event: MessageStatusEvent | null;
}

/** A generator that is suspended in a `yield`, for as long as its subscriber does not read, keeps its variables. */
function take(step: Step): MessageStatusEvent {
  const { event } = step;
  step.event = null;
  return event as MessageStatusEvent;
}

/** What one subscriber wants of the changes. */
class ChangeFilter {
  /** The client's message, once it was made; it may be made while we watch. */
  #messageId: string | undefined;

  constructor(
    private readonly pool: pg.Pool,
    private readonly query: StatusQuery,
  ) {}

  get isPartial(): boolean {
    return this.query.clientId !== null || this.query.statuses !== null;
  }

  /** Null: nothing of it. Somebody who asked for a part is not told of versions that have none. */
  async eventOf(cursor: number, rows: readonly ChangeRow[]): Promise<MessageStatusEvent | null> {
    const { mailingId, clientId, statuses } = this.query;
    const messageId = clientId === null ? null : await this.#findMessage(clientId);
    const changes = rows
      .flatMap((row) => changesOf(mailingId, row))
      .filter((change) => messageId === null || change.messageId === messageId)
      .filter(({ status }) => statuses === null || statuses.has(status));
    return changes.length === 0
      ? null
      : new MessageStatusEvent(mailingId, cursor, rows.at(-1)?.version ?? cursor, changes);
  }

  async #findMessage(clientId: string): Promise<string | undefined> {
    if (this.#messageId !== undefined) return this.#messageId;
    const { rows } = await this.pool.query<{ id: string }>({
      name: 'message-of-client',
      text: `select id from message where mailing_id = $1 and client_id = $2 and kind = 'CAMPAIGN'`,
      values: [this.query.mailingId, clientId],
    });
    this.#messageId = rows[0]?.id;
    return this.#messageId;
  }
}

function changesOf(mailingId: string, { version, at, messageIds, statuses }: ChangeRow): MessageStatusChange[] {
  return messageIds.map((messageId, place) => {
    const status = statuses[place] as MessageStatus;
    return { mailingId, messageId, status, at, version: String(version) };
  });
}
