/** Conditions of one statement that hold together. Question marks stand for the values, in order. */
export class Conditions {
  readonly values: string[] = [];
  readonly #parts: string[] = [];

  /** @param sql with a question mark for each value */
  add(sql: string, ...values: string[]): void {
    this.#parts.push(sql);
    this.values.push(...values);
  }

  /** Between two moments, the second not included; null and undefined: open. */
  addRange(
    column: string,
    range: { from?: Date | null | undefined; to?: Date | null | undefined } | null | undefined,
  ): void {
    if (range?.from != null) this.add(`${column} >= ?::timestamptz`, range.from.toISOString());
    if (range?.to != null) this.add(`${column} < ?::timestamptz`, range.to.toISOString());
  }

  /** The text is somewhere in one of the columns, in any case; nothing in it has a meaning of its own. */
  addContains(columns: readonly string[], text: string | null | undefined): void {
    if (text == null) return;
    const found = columns.map((column) => `position(lower(?::text) in lower(${column})) > 0`);
    this.add(`(${found.join(' or ')})`, ...columns.map(() => text));
  }

  get isEmpty(): boolean {
    return this.#parts.length === 0;
  }

  /** `true` when there are none. */
  get sql(): string {
    return this.isEmpty ? 'true' : this.#parts.join(' and ');
  }
}

/** The same with `$n` for pg. @param firstParam the number of its first, so that it can stand in a larger statement */
export function numbered(
  { sql, values }: Pick<Conditions, 'sql' | 'values'>,
  firstParam = 1,
): { sql: string; values: string[] } {
  let next = firstParam;
  return { sql: sql.replaceAll('?', () => `$${next++}`), values };
}
