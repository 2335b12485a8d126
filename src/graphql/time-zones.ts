import type pg from 'pg';

/**
 * The zones that a client may have: those that PostgreSQL, which plans windows, and Intl, which shows times to people, both
 * know by the same name. Where their data differ PostgreSQL decides (docs/forecast.md, time-zones.test.ts).
 */
export interface TimeZoneList {
  /** The zone's own spelling; undefined: there is no such zone. Case does not matter. */
  find(name: string): string | undefined;
}

/**
 * In `at time zone` PostgreSQL reads these as abbreviations for a fixed offset before it looks for zones, and the zones of
 * these names have a summer time: it would be an hour off for half the year. Brussels or Athens is what is meant.
 */
const READ_AS_ABBREVIATIONS = ['CET', 'EET', 'MET', 'WET'];

/** A zone, and what its clocks show at this moment. */
export interface ZoneNow {
  name: string;
  /** How far it is ahead of UTC: `+03:00`. */
  offset: string;
  /** `HH:MM`. */
  localTime: string;
}

/** Loads the list once, when it is first needed: PostgreSQL reads some hundred files for it. */
export class TimeZones {
  #list: Promise<TimeZoneList> | undefined;

  constructor(private readonly pool: pg.Pool) {}

  /** @throws what pg throws when the database is away; the next call tries again */
  load(): Promise<TimeZoneList> {
    this.#list ??= this.#read().catch((error) => {
      this.#list = undefined;
      throw error;
    });
    return this.#list;
  }

  /** All of them by name. Some 25 ms of Intl the first time. @throws what pg throws when the database is away */
  async now(): Promise<ZoneNow[]> {
    const list = await this.load();
    const { rows } = await this.pool.query<ZoneNow>(
      `select name, to_char(clock_timestamp() at time zone name, 'HH24:MI') as "localTime",
         case when utc_offset < interval '0' then '-' else '+' end
           || to_char(case when utc_offset < interval '0' then -utc_offset else utc_offset end, 'HH24:MI') as "offset"
       from pg_timezone_names order by name collate "C"`,
    );
    return rows.filter(({ name }) => list.find(name) === name);
  }

  async #read(): Promise<TimeZoneList> {
    const { rows } = await this.pool.query<{ name: string }>(
      'select name from pg_timezone_names where name <> all ($1)',
      [READ_AS_ABBREVIATIONS],
    );
    const bySpelling = new Map(rows.map(({ name }) => [name.toLowerCase(), name]));
    // PostgreSQL lists files that are no zones as well (posixrules, posix/…); Intl knows none of those. Asking it takes
    // some 50 µs a zone, so only those that somebody names are asked for.
    const known = new Map<string, boolean>();
    return {
      find(name) {
        const zone = bySpelling.get(name.toLowerCase());
        if (zone === undefined) return undefined;
        if (!known.has(zone)) known.set(zone, isKnownToIntl(zone));
        return known.get(zone) ? zone : undefined;
      },
    };
  }
}

function isKnownToIntl(zone: string): boolean {
  try {
    new Intl.DateTimeFormat('en', { timeZone: zone });
    return true;
  } catch {
    return false;
  }
}
