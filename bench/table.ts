import { type Judged, median, sayNumber, type Verdict } from './bench.js';
import { type Machine, sayMachine } from './machine.js';

/** What came of one bench. */
export interface Result {
  bench: string;
  does: string;
  /** How to have it again. */
  command: string;
  machine: Machine;
  /** How long all of it took, s. */
  seconds: number;
  figures: Judged[];
  /** What went wrong; left out: nothing. */
  problem?: string;
}

const HEAD = ['figure', 'median', 'min', 'max', 'beside it', 'median', 'ratio', 'must', 'is'];

/** "reached", or by how much not. */
export function sayVerdict({ missedBy }: Verdict): string {
  if (missedBy === null) return 'reached';
  const percent = missedBy * 100;
  return `missed by ${percent < 1 ? 'less than 1' : sayNumber(Math.round(percent))} %`;
}

/** Whether all of it is as it must be. */
export function isReached({ figures, problem }: Result): boolean {
  return problem === undefined && figures.every(({ verdicts }) => verdicts.every(({ missedBy }) => missedBy === null));
}

/** A table in Markdown whose columns stand below each other, for eyes and for pages. */
export function tableOf(figures: readonly Judged[]): string {
  const rows = [HEAD, ...figures.map(rowOf)];
  const widths = HEAD.map((_, column) => Math.max(...rows.map((row) => row[column]!.length)));
  const isText = (column: number) => column === 0 || column === 4 || column > 6;
  const line = (row: readonly string[]) =>
    `| ${row.map((cell, at) => (isText(at) ? cell.padEnd(widths[at]!) : cell.padStart(widths[at]!))).join(' | ')} |`;
  const rule = `| ${widths.map((width, at) => (isText(at) ? '-'.repeat(width) : `${'-'.repeat(width - 1)}:`)).join(' | ')} |`;
  return [line(HEAD), rule, ...rows.slice(1).map(line)].join('\n');
}

function rowOf(figure: Judged): string[] {
  const { what, unit, counterpart, ratio, verdicts } = figure;
  const beside = counterpart ? median(counterpart.values) : null;
  return [
    `${what}, ${unit}`,
    ...[figure.median, figure.min, figure.max].map(sayNumber),
    counterpart?.what ?? '',
    beside === null ? '' : sayNumber(beside),
    ratio === null ? '' : ratio.toFixed(2),
    verdicts.map(({ must }) => must).join('; '),
    verdicts.map(sayVerdict).join('; '),
  ];
}

/** A bench's part of RESULTS.md, and of what is printed. */
export function sectionOf(result: Result): string {
  const { bench, does, command, machine, seconds, figures, problem } = result;
  const whys = figures.filter(({ why, verdicts }) => why && verdicts.some(({ missedBy }) => missedBy !== null));
  return [
    `## ${bench}`,
    does,
    `\`${command}\`: ${sayMachine(machine)}, ${Math.round(seconds)} s`,
    ...(figures.length > 0 ? [tableOf(figures)] : []),
    ...whys.map(({ what, why }) => `${what}: ${why}`),
    ...(problem === undefined ? [] : [`Went wrong: ${problem}`]),
  ].join('\n\n');
}

const TITLE = `# Results

The last figures of each bench, as \`npm run bench -- --write\` has written them; nothing here is written by hand. Each is measured once a run: the
median, the least and the most of all runs, beside the median of what it is compared with in the same runs.`;

/** Puts sections in place of those with the same heading; those of benches that were not run stay as they are. */
export function mergeResults(page: string, results: readonly Result[], order: readonly string[]): string {
  const sections = new Map(
    page
      .split(/^(?=## )/m)
      .filter((part) => part.startsWith('## '))
      .map((part) => [part.slice(3, part.indexOf('\n')), part.trim()]),
  );
  for (const result of results) sections.set(result.bench, sectionOf(result));
  const kept = order.flatMap((name) => sections.get(name) ?? []);
  return `${[TITLE, ...kept].join('\n\n')}\n`;
}
