import { readFileSync } from 'node:fs';
import { parse } from 'csv-parse/sync';
import { describe, expect, it } from 'vitest';
import { normalizePhone } from '../src/client/phone.js';
import { CLIENTS_FILE, makeClientsCsv } from './make-clients.js';
import { cities, operators } from './people.js';

const RUSSIAN_OFFSETS = [2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12];

describe('the example clients', () => {
  const rows: Record<string, string>[] = parse(readFileSync(CLIENTS_FILE), { columns: true });

  it('are what the script makes, byte for byte', () => {
    expect(makeClientsCsv() === readFileSync(CLIENTS_FILE, 'utf8')).toBe(true);
  });

  it('are 10,000 with valid phones, each once, under codes of real operators', () => {
    expect(rows).toHaveLength(10_000);
    expect(new Set(rows.map((row) => row['phone'])).size).toBe(10_000);
    expect(rows.filter((row) => normalizePhone(row['phone']!) !== row['phone'])).toEqual([]);
    const codes = new Set(operators.flatMap((operator) => operator.codes));
    const wrong = rows.filter(
      (row) => !codes.has(row['operator_code']!) || row['phone']!.slice(1, 4) !== row['operator_code'],
    );
    expect(wrong).toEqual([]);
  });

  it('live in zones that Intl knows, in all eleven of Russia, and some abroad', () => {
    const zones = new Set(rows.map((row) => row['time_zone']!));
    const hours = new Map([...zones].map((zone) => [zone, offsetOf(zone)]));
    const abroad = new Set(cities.filter((city) => city.abroad).map((city) => city.timeZone));
    const home = [...zones].filter((zone) => !abroad.has(zone)).map((zone) => hours.get(zone)!);
    expect([...new Set(home)].sort((a, b) => a - b)).toEqual(RUSSIAN_OFFSETS);
    const away = rows.filter((row) => abroad.has(row['time_zone']!));
    expect(away.length).toBeGreaterThan(200);
    expect(away.length).toBeLessThan(400);
    const moscow = rows.filter((row) => row['time_zone'] === 'Europe/Moscow');
    expect(moscow.length).toBeGreaterThan(6_000);
  });

  it('have a name and a city each, and mostly several tags', () => {
    expect(rows.filter((row) => !row['name'] || !row['city'])).toEqual([]);
    expect(rows.filter((row) => row['tags']!.includes(';')).length).toBeGreaterThan(4_000);
    expect(rows.filter((row) => row['tags'] === '').length).toBeGreaterThan(100);
  });
});

/** Hours ahead of UTC in winter, by Intl: it throws for a zone it does not know. */
function offsetOf(zone: string): number {
  const format = new Intl.DateTimeFormat('en', { timeZone: zone, timeZoneName: 'longOffset' });
  const name = format
    .formatToParts(new Date('2026-01-15T12:00:00Z'))
    .find((part) => part.type === 'timeZoneName')!.value;
  const [, sign, hours, minutes] = name.match(/^GMT(?:([+-])(\d\d):(\d\d))?$/)!;
  return (sign === '-' ? -1 : 1) * (Number(hours ?? 0) + Number(minutes ?? 0) / 60);
}
