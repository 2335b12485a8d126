/** Numbers in a page, as a power of two. */
const PAGE_BITS = 16;
const PAGE = 1 << PAGE_BITS;

/** A list of numbers that only grows, in pages: an array copies itself again and again on its way to a million. */
export class Column {
  readonly #pages: Float64Array[] = [];
  #length = 0;

  get length(): number {
    return this.#length;
  }

  /** @param index below the length */
  at(index: number): number {
    return this.#pages[index >>> PAGE_BITS]![index & (PAGE - 1)]!;
  }

  /** @param index below the length */
  set(index: number, value: number): void {
    this.#pages[index >>> PAGE_BITS]![index & (PAGE - 1)] = value;
  }

  /** @returns the index of the new one */
  push(value: number): number {
    const index = this.#length;
    if ((index & (PAGE - 1)) === 0) this.#pages.push(new Float64Array(PAGE));
    this.#length = index + 1;
    this.set(index, value);
    return index;
  }
}
