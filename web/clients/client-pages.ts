/** Rows of a page: the most that the API gives at once. */
export const PAGE = 100;
/** Pages that are kept, so that memory does not grow with how far one has scrolled. */
const KEPT = 20;
/** Before a jump asks, ms: of a bar that is pulled past ten thousand pages only where it stops is asked for. */
const REST = 120;

/** Where a page is in its list: `skip` rows behind the cursor. */
export interface PageAsk {
  after: string | null;
  skip: number;
}

/** A page, and the cursor of its last row. */
export interface PageAnswer<Row> {
  rows: readonly Row[];
  endCursor: string | null;
}

interface Options<Row> {
  load: (ask: PageAsk, signal: AbortSignal) => Promise<PageAnswer<Row>>;
  /** Something else is to be shown. */
  onChange: () => void;
  onError: (error: unknown) => void;
}

/**
 * The rows of a long list by their number: pages are asked for as they are looked at, the next one by the cursor of the one before, and
 * one far away by a jump from the nearest cursor known. Of all cursors seen the strings stay, of pages only the last ones looked at.
 */
export class ClientPages<Row extends { id: string }> {
  readonly #pages = new Map<number, readonly Row[]>();
  /** The cursor of the last row of a page. */
  readonly #cursors = new Map<number, string>();
  readonly #loading = new Map<number, AbortController>();
  /** Shown until they come anew. */
  readonly #stale = new Set<number>();
  #wanted: readonly number[] = [];
  #jump: ReturnType<typeof setTimeout> | undefined;

  constructor(private readonly options: Options<Row>) {}

  /** Row number `at` from 0 on; undefined: it is not here yet. */
  row(at: number): Row | undefined {
    return this.#pages.get(Math.floor(at / PAGE))?.[at % PAGE];
  }

  /** All rows of the first page; undefined: it is not here yet. */
  get firstPage(): readonly Row[] | undefined {
    return this.#pages.get(0);
  }

  /** These are looked at now, both ends included; what nobody looks at any more is not waited for. */
  show(first: number, last: number): void {
    const from = Math.floor(Math.max(first, 0) / PAGE);
    const to = Math.floor(Math.max(last, 0) / PAGE);
    this.#wanted = Array.from({ length: to - from + 1 }, (_, at) => from + at);
    for (const [page, control] of this.#loading) {
      if (!this.#wanted.includes(page)) {
        control.abort();
        this.#loading.delete(page);
      }
    }
    this.#ask();
  }

  /** Somebody changed it here. */
  replace(row: Row): void {
    for (const [page, rows] of this.#pages) {
      if (rows.some(({ id }) => id === row.id))
        this.#pages.set(
          page,
          rows.map((old) => (old.id === row.id ? row : old)),
        );
    }
    this.options.onChange();
  }

  /** Others may be in the list by now: all is asked for anew, and what is here is shown meanwhile. */
  reload(): void {
    this.close();
    this.#cursors.clear();
    for (const page of this.#pages.keys()) this.#stale.add(page);
    this.#ask();
  }

  /** Nothing is waited for any more. */
  close(): void {
    clearTimeout(this.#jump);
    for (const control of this.#loading.values()) control.abort();
    this.#loading.clear();
  }

  #ask(): void {
    clearTimeout(this.#jump);
    const missing = this.#wanted.filter((page) => this.#isMissing(page));
    const near = missing.filter((page) => this.#isNear(page));
    for (const page of near) void this.#load(page);
    const [far] = missing.filter((page) => !near.includes(page));
    // A jump costs the server a walk: what is behind it goes by its cursor, once that is here.
    const isJumping = [...this.#loading.keys()].some((page) => !this.#isNear(page));
    if (far !== undefined && !isJumping) this.#jump = setTimeout(() => void this.#load(far), REST);
  }

  #isMissing(page: number): boolean {
    return (!this.#pages.has(page) || this.#stale.has(page)) && !this.#loading.has(page);
  }

  #isNear(page: number): boolean {
    return page === 0 || this.#cursors.has(page - 1);
  }

  async #load(page: number): Promise<void> {
    const control = new AbortController();
    this.#loading.set(page, control);
    try {
      const { rows, endCursor } = await this.options.load(this.#placeOf(page), control.signal);
      if (control.signal.aborted) return;
      this.#loading.delete(page);
      this.#keep(page, rows, endCursor);
    } catch (error) {
      if (control.signal.aborted) return;
      this.#loading.delete(page);
      this.options.onError(error);
    }
  }

  #keep(page: number, rows: readonly Row[], endCursor: string | null): void {
    this.#pages.delete(page);
    this.#pages.set(page, rows);
    this.#stale.delete(page);
    if (endCursor !== null && rows.length === PAGE) this.#cursors.set(page, endCursor);
    for (const [old] of this.#pages) {
      if (this.#pages.size <= KEPT) break;
      if (!this.#wanted.includes(old)) this.#pages.delete(old);
    }
    this.options.onChange();
    this.#ask();
  }

  #placeOf(page: number): PageAsk {
    if (page === 0) return { after: null, skip: 0 };
    const before = this.#cursors.get(page - 1);
    if (before !== undefined) return { after: before, skip: 0 };
    const nearest = Math.max(-1, ...[...this.#cursors.keys()].filter((known) => known < page));
    return { after: this.#cursors.get(nearest) ?? null, skip: (page - 1 - nearest) * PAGE };
  }
}
