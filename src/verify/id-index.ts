import { Column } from './column.js';

/** Ids come in blocks of ten thousand, mostly one after the other, so that pages of this size are full or nearly so. */
const PAGE = 256;

/** Numbers ids in the order in which they come, as a Map would; with a million of them several times as fast. */
export class IdIndex {
  readonly #ids = new Column();
  /** By page number: for each id of the page its number plus one; 0: not seen yet. */
  readonly #pages = new Map<number, Int32Array>();

  get size(): number {
    return this.#ids.length;
  }

  /** The id under a number. */
  id(index: number): number {
    return this.#ids.at(index);
  }

  /** @returns the number of an id; −1 when it was never added */
  find(id: number): number {
    const number = Math.floor(id / PAGE);
    const page = this.#pages.get(number);
    return page === undefined ? -1 : page[id - number * PAGE]! - 1;
  }

  /** @returns the number of an id, a new one if it is new */
  add(id: number): number {
    const number = Math.floor(id / PAGE);
    let page = this.#pages.get(number);
    if (page === undefined) {
      page = new Int32Array(PAGE);
      this.#pages.set(number, page);
    }
    const known = page[id - number * PAGE]! - 1;
    if (known >= 0) return known;
    page[id - number * PAGE] = this.#ids.length + 1;
    return this.#ids.push(id);
  }
}
