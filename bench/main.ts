import 'reflect-metadata';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { type Bench, judge } from './bench.js';
import { benches, others } from './benches.js';
import { lookAtMachine } from './machine.js';
import { isReached, mergeResults, type Result, sectionOf } from './table.js';

/**
 * `npm run bench [-- <name> …] [--runs 3] [--<size> N] [--json FILE] [--write] [--list]`: all benches of the table, or those that are
 * named, one after the other. Exit code 1 when something was not reached or went wrong.
 */
const out = process.stdout;
/** Compiled it runs in dist/bench. */
const RESULTS = join(import.meta.dirname, '../../bench/RESULTS.md');
const SIZES = [...new Set(benches.flatMap(({ sizes }) => Object.keys(sizes)))];

interface Asked {
  names: string[];
  runs: number;
  sizes: Record<string, number>;
  json: string | undefined;
  write: boolean;
}

function list(): void {
  const line = (name: string, does: string) => out.write(`  ${name.padEnd(12)} ${does}\n`);
  out.write('Those of the table, which `npm run bench` runs one after the other:\n');
  for (const { name, does, sizes } of benches) {
    const options = Object.entries(sizes).map(([size, usual]) => `--${size} ${usual}`);
    line(name, [does, ...options].join(' '));
  }
  out.write('By name only:\n');
  for (const [name, { does }] of Object.entries(others)) line(name, does);
}

/** @throws Error on an option or a name that there is not */
function readArguments(args: string[]): Asked {
  const sizeOptions = Object.fromEntries(SIZES.map((name) => [name, { type: 'string' as const }]));
  const { values, positionals } = parseArgs({
    args,
    allowPositionals: true,
    options: {
      ...sizeOptions,
      runs: { type: 'string' },
      json: { type: 'string' },
      write: { type: 'boolean' },
    },
  });
  const known = benches.map(({ name }) => name);
  for (const name of positionals) {
    if (!known.includes(name)) throw new Error(`There is no bench "${name}"; \`npm run bench -- --list\` names all.`);
  }
  const given: Record<string, unknown> = values;
  const numbers = [...SIZES, 'runs']
    .filter((name) => given[name] !== undefined)
    .map((name) => [name, count(name, given[name])]);
  const { runs = 3, ...sizes } = Object.fromEntries(numbers) as Record<string, number>;
  return { names: positionals, runs, sizes, json: values.json, write: values.write ?? false };
}

function count(name: string, value: unknown): number {
  const number = Number(value);
  if (!Number.isInteger(number) || number < 1) throw new Error(`--${name} must be a whole number, 1 or more`);
  return number;
}

async function measure(bench: Bench, asked: Asked): Promise<Result> {
  const machine = lookAtMachine();
  const begun = performance.now();
  const changed = Object.entries(asked.sizes).filter(([name]) => name in bench.sizes);
  const options = [...changed, ...(asked.runs === 3 ? [] : [['runs', asked.runs]])];
  const command = ['npm run bench --', bench.name, ...options.map(([name, value]) => `--${name} ${value}`)].join(' ');
  const result = { bench: bench.name, does: bench.does, command, machine };
  const seconds = () => (performance.now() - begun) / 1_000;
  const size = (name: string) => {
    const value = asked.sizes[name] ?? bench.sizes[name];
    if (value === undefined) throw new Error(`the bench ${bench.name} has no size "${name}"`);
    return value;
  };
  out.write(`${bench.name}: ${bench.does}\n`);
  try {
    const figures = await bench.run({ runs: asked.runs, size, say: (line) => out.write(`  ${line}\n`) });
    return { ...result, figures: figures.map(judge), seconds: seconds() };
  } catch (error) {
    out.write(`${error instanceof Error ? error.stack : error}\n`);
    return { ...result, figures: [], seconds: seconds(), problem: error instanceof Error ? error.message : `${error}` };
  }
}

async function run(asked: Asked): Promise<void> {
  const results: Result[] = [];
  for (const bench of benches) {
    if (asked.names.length > 0 && !asked.names.includes(bench.name)) continue;
    const result = await measure(bench, asked);
    results.push(result);
    out.write(`\n${sectionOf(result)}\n\n`);
    if (asked.json !== undefined) writeFileSync(asked.json, `${JSON.stringify(results, null, 2)}\n`);
    // After each, so that what took long is not lost with what comes later.
    if (asked.write) {
      const page = existsSync(RESULTS) ? readFileSync(RESULTS, 'utf8') : '';
      writeFileSync(
        RESULTS,
        mergeResults(
          page,
          [result],
          benches.map(({ name }) => name),
        ),
      );
    }
  }
  const missed = results.filter((result) => !isReached(result)).map(({ bench }) => bench);
  out.write(missed.length === 0 ? 'All of it was reached.\n' : `Not reached: ${missed.join(', ')}.\n`);
  if (missed.length > 0) process.exitCode = 1;
}

const args = process.argv.slice(2);
const other = others[args[0] ?? ''];
try {
  if (args.includes('--list')) list();
  else if (other) await import(`./${other.file}.js`);
  else await run(readArguments(args));
} catch (error) {
  if (other) throw error;
  process.stderr.write(`${error instanceof Error ? error.message : error}\n`);
  process.exitCode = 1;
}
