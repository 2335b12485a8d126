import { describe, expect, it } from 'vitest';
import { isKnownZone, localOf, momentOf, offsetAt } from './zoned-time.js';

const at = (iso: string) => Date.parse(iso);

describe('times of another zone', () => {
  it.each([
    ['2026-11-21T14:05', 'Europe/Moscow', '2026-11-21T11:05:00Z'],
    ['2026-11-21T00:00', 'Asia/Kamchatka', '2026-11-20T12:00:00Z'],
    ['2026-07-01T09:30', 'Asia/Kolkata', '2026-07-01T04:00:00Z'],
    ['2026-07-01T09:30', 'America/New_York', '2026-07-01T13:30:00Z'],
    ['2026-12-31T23:59', 'UTC', '2026-12-31T23:59:00Z'],
  ])('takes %s in %s for %s, and shows it so again', (local, zone, moment) => {
    expect(momentOf(local, zone)).toBe(at(moment));
    expect(localOf(at(moment), zone)).toBe(local);
  });

  it('takes the first of a time that comes twice', () => {
    expect(momentOf('2026-11-01T01:30', 'America/New_York')).toBe(at('2026-11-01T05:30:00Z'));
  });

  it('takes a time that is left out as long after the gap', () => {
    expect(momentOf('2026-03-08T02:30', 'America/New_York')).toBe(at('2026-03-08T07:30:00Z'));
    expect(momentOf('2026-10-04T02:15', 'Australia/Lord_Howe')).toBe(at('2026-10-03T15:45:00Z'));
  });

  it('keeps every moment of the days on which clocks are moved', () => {
    for (let moment = at('2026-03-07T00:00Z'); moment < at('2026-03-10T00:00Z'); moment += 15 * 60_000) {
      expect(momentOf(localOf(moment, 'America/New_York'), 'America/New_York')).toBe(moment);
    }
  });

  it('tells what is no time, and a zone that the browser does not know', () => {
    expect(momentOf('', 'UTC')).toBeNull();
    expect(isKnownZone('Mars/Olympus')).toBe(false);
    expect(offsetAt(at('2026-11-21T00:00:59.999Z'), 'Asia/Kolkata')).toBe(19_800_000);
  });
});
