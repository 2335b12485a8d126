/**
 * Makes examples/clients.csv: 10,000 clients as a Russian operator might have them. Seeded, so the file is the same
 * wherever it is made: `node dist/examples/make-clients.js`.
 *
 * Nobody is in there: names and cities are drawn by chance, and all numbers lie in the first ten thousand of their
 * code (9XX 000-XX-XX), so that they look made up to everybody who sees one.
 */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { pick, pickByWeight, type Random, seeded } from '../src/testing/seeded.js';
import { cities, mensNames, operators, tags, womensNames } from './people.js';

const SEED = 20_261_121;
const CLIENTS = 10_000;
/** How many of a hundred clients live abroad with their Russian number. */
const ABROAD_PERCENT = 3;

/** A number in the code's first ten thousand that nobody has yet. */
function freePhone(random: Random, code: string, taken: Set<string>): string {
  for (;;) {
    const phone = `7${code}000${String(Math.floor(random() * 10_000)).padStart(4, '0')}`;
    if (taken.has(phone)) continue;
    taken.add(phone);
    return phone;
  }
}

/** @returns the whole file, header line included */
export function makeClientsCsv(): string {
  const random = seeded(SEED);
  const taken = new Set<string>();
  const lines = ['phone,operator_code,tags,time_zone,name,city'];
  const home = cities.filter(({ abroad }) => !abroad);
  const away = cities.filter(({ abroad }) => abroad);
  for (let n = 0; n < CLIENTS; n += 1) {
    const code = pick(random, pickByWeight(random, operators).codes);
    const phone = freePhone(random, code, taken);
    const city = pickByWeight(random, random() * 100 < ABROAD_PERCENT ? away : home);
    const labels = tags.filter(({ percent }) => random() * 100 < percent).map(({ tag }) => tag);
    const name = pick(random, random() < 0.54 ? womensNames : mensNames);
    lines.push([phone, code, labels.join(';'), city.timeZone, name, city.name].join(','));
  }
  return `${lines.join('\n')}\n`;
}

/** The file in the sources, also when this runs compiled in dist/examples. */
export const CLIENTS_FILE = join(import.meta.dirname.replace(/\/dist\/examples$/, '/examples'), 'clients.csv');

if (import.meta.url === pathToFileURL(process.argv[1] ?? '').href) writeFileSync(CLIENTS_FILE, makeClientsCsv());
