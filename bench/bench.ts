/** What one value of a figure must be: its median, or the ratio of its median to its counterpart's. */
export type Must = { of: 'median' | 'ratio' } & ({ least: number } | { most: number });

/** Something that was measured, once in each run. */
export interface Figure {
  /** What it says, such as "100,000 messages". */
  what: string;
  /** Such as "messages/s", "µs" or "MB". */
  unit: string;
  /** One for each run, in their order. */
  values: number[];
  /** What it is compared with, measured in the same runs. */
  counterpart?: { what: string; values: number[] };
  /** What it must reach; left out: it is only shown. */
  must?: Must[];
  /** Why it is known to be missed, in one sentence; shown where it is. */
  why?: string;
}

/** What a bench is run with. */
export interface BenchOptions {
  /** How often everything is measured; 3, unless somebody says `--runs`. */
  runs: number;
  /** What `--<name>` says, or else the bench's own size of that name. @throws Error when it has none of that name */
  size(name: string): number;
  /** Tells how far it has come. */
  say(line: string): void;
}

/** One row of the table. */
export interface Bench {
  /** As it is called by. */
  name: string;
  /** In one line. */
  does: string;
  /** How much it takes, by the names of the options that change it. */
  sizes: Readonly<Record<string, number>>;
  /** @throws Error when something came out that is wrong, rather than slow */
  run(options: BenchOptions): Promise<Figure[]>;
}

/** What came of one demand. */
export interface Verdict {
  /** Such as "≥ 0.8 × bare loop". */
  must: string;
  /** Share by which it was missed, 0.03 for 3 %; null: it was reached. */
  missedBy: number | null;
}

/** A figure with what follows from its values. */
export interface Judged extends Figure {
  median: number;
  min: number;
  max: number;
  /** Of the medians; null without a counterpart. */
  ratio: number | null;
  verdicts: Verdict[];
}

/** Of an even number of values the mean of the two in the middle. @throws Error when there are none, or one is no number */
export function median(values: readonly number[]): number {
  if (values.length === 0 || !values.every(Number.isFinite)) throw new Error(`these are no figures: [${values}]`);
  const sorted = values.toSorted((a, b) => a - b);
  const middle = sorted.length / 2;
  return (sorted[Math.ceil(middle) - 1]! + sorted[Math.floor(middle)]!) / 2;
}

/** Works out what a figure comes to. @throws Error when a value is missing */
export function judge(figure: Figure): Judged {
  const { values, counterpart, must = [] } = figure;
  const middle = median(values);
  const ratio = counterpart ? middle / median(counterpart.values) : null;
  const verdicts = must.map((one): Verdict => {
    if (one.of === 'ratio' && ratio === null) throw new Error(`${figure.what} has no counterpart`);
    const value = one.of === 'ratio' ? ratio! : middle;
    const short = 'least' in one ? (one.least - value) / one.least : (value - one.most) / one.most;
    return { must: sayMust(one, figure), missedBy: short > 0 ? short : null };
  });
  return { ...figure, median: middle, min: Math.min(...values), max: Math.max(...values), ratio, verdicts };
}

function sayMust(must: Must, { unit, counterpart }: Figure): string {
  const bound = 'least' in must ? `≥ ${sayNumber(must.least)}` : `≤ ${sayNumber(must.most)}`;
  return must.of === 'ratio' ? `${bound} × ${counterpart?.what}` : `${bound} ${unit}`;
}

/** Three digits, or all before the point. */
export function sayNumber(value: number): string {
  return value.toLocaleString(
    'en',
    Math.abs(value) < 100 ? { maximumSignificantDigits: 3 } : { maximumFractionDigits: 0 },
  );
}
