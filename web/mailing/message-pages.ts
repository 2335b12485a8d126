import type { Client, CombinedError } from 'urql';
import {
  MailingMessagesDocument,
  type MessageFilterInput,
  MessageNowDocument,
  type MessageRowFragment,
} from '../generated/graphql.js';
import { MessageList } from './message-list.js';
import type { MessageEvent, MessageStream } from './message-stream.js';

/** Rows of a page: the most the API gives. */
const PAGE = 100;
/** ms; rows that change are drawn no more often. */
const DRAW_EVERY = 250;
/** ms; rows that changed are read again no more often. */
const RENEW_EVERY = 1_000;

/** What the table shows. */
export interface PagesView {
  rows: readonly MessageRowFragment[];
  /** How many there were when the first page was read; null: not known yet. */
  total: number | null;
  isLoading: boolean;
  hasMore: boolean;
  error: CombinedError | null;
}

interface Page {
  /** The cursor it was read from. */
  after: string | null;
  ids: readonly string[];
}

/** The messages of one mailing that fit one filter, page by page as somebody scrolls, each row as it is by now. */
export class MessagePages {
  readonly #list = new MessageList();
  readonly #watchers = new Set<() => void>();
  #view: PagesView = { rows: [], total: null, isLoading: true, hasMore: true, error: null };
  #pages: Page[] = [];
  #next: string | null = null;
  #seen: readonly string[] = [];
  #drawing: ReturnType<typeof setTimeout> | undefined;
  #renewing: ReturnType<typeof setTimeout> | undefined;
  #isOpen = false;
  #isReading = false;

  constructor(
    private readonly client: Client,
    private readonly mailingId: string,
    private readonly filter: MessageFilterInput | null,
  ) {}

  get view(): PagesView {
    return this.#view;
  }

  /** @returns what ends it */
  watch(watcher: () => void): () => void {
    this.#watchers.add(watcher);
    return () => this.#watchers.delete(watcher);
  }

  /** Reads the first page, and follows the changes until it is ended. */
  open(stream: MessageStream): () => void {
    this.#isOpen = true;
    const end = stream.watch((event) => this.#take(event));
    void this.#read(null);
    return () => {
      this.#isOpen = false;
      end();
      clearTimeout(this.#drawing);
      clearTimeout(this.#renewing);
      this.#drawing = undefined;
      this.#renewing = undefined;
    };
  }

  /** Reads the next page, unless one is on its way. */
  more(): void {
    if (this.#view.hasMore && this.#view.error === null && this.#pages.length > 0) void this.#read(this.#next);
  }

  /** Begins anew with the first page. */
  again(): void {
    void this.#read(null);
  }

  /** These rows can be seen: they are kept whole. */
  see(ids: readonly string[]): void {
    this.#seen = ids;
    this.#renewing ??= setTimeout(() => this.#renew(), RENEW_EVERY);
  }

  async #read(after: string | null): Promise<void> {
    if (this.#isReading) return;
    this.#isReading = true;
    this.#list.expect();
    this.#show({ isLoading: true, error: null });
    const isFirst = after === null;
    const { data, error } = await this.#ask(after, isFirst);
    this.#isReading = false;
    if (!this.#isOpen) return;
    const messages = data?.mailing?.messages;
    if (messages === undefined) return this.#show({ isLoading: false, error: error ?? null });
    const rows = messages.edges.map(({ node }) => node);
    const page = { after, ids: rows.map(({ id }) => id) };
    this.#pages = isFirst ? [page] : [...this.#pages, page];
    this.#next = messages.pageInfo.endCursor ?? null;
    this.#list.add(rows, isFirst);
    const total = isFirst ? (messages.totalCount ?? null) : this.#view.total;
    this.#show({ total, isLoading: false, hasMore: messages.pageInfo.hasNextPage && this.#next !== null });
  }

  #ask(after: string | null, counted: boolean) {
    const variables = { mailingId: this.mailingId, first: PAGE, after, filter: this.filter, counted };
    return this.client.query(MailingMessagesDocument, variables, { requestPolicy: 'network-only' }).toPromise();
  }

  #take({ snapshot, changes }: MessageEvent): void {
    if (snapshot) this.#list.doubt();
    if (!this.#list.take(changes) && !snapshot) return;
    this.#drawing ??= setTimeout(() => {
      this.#drawing = undefined;
      this.#show({});
    }, DRAW_EVERY);
  }

  /** An event tells the status alone. Whole pages are read again where that tells it of many rows; the filter may leave some out. */
  async #renew(): Promise<void> {
    const seen = this.#seen;
    const stale = this.#list.takeStale(seen);
    const rows: MessageRowFragment[] = [];
    const told = new Set(stale);
    for (const { after, ids } of this.#pages) {
      if (told.size < 2 || !ids.some((id) => told.has(id))) continue;
      this.#list.takeStale(ids);
      const { data } = await this.#ask(after, false);
      for (const { node } of data?.mailing?.messages.edges ?? []) {
        rows.push(node);
        told.delete(node.id);
      }
    }
    const others = await Promise.all([...told].map((id) => this.#askOne(id)));
    if (!this.#isOpen) return;
    for (const row of [...rows, ...others]) if (row) this.#list.renew(row);
    this.#renewing = undefined;
    if (stale.length > 0) this.#show({});
  }

  async #askOne(id: string): Promise<MessageRowFragment | null> {
    const { data } = await this.client.query(MessageNowDocument, { id }, { requestPolicy: 'network-only' }).toPromise();
    return data?.message ?? null;
  }

  #show(part: Partial<PagesView>): void {
    this.#view = { ...this.#view, ...part, rows: this.#list.rows };
    for (const watcher of this.#watchers) watcher();
  }
}
