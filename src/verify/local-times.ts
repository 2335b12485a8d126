import type pg from 'pg';
import type { Arrivals } from './times.js';

const MINUTE = 60_000;

/** What clients' clocks showed, by Postgres's zone data, asked once for each zone and minute in which it matters. */
export class LocalTimes {
  /** By zone, by minute since 1970: seconds ahead of UTC; null: PostgreSQL does not know the zone (any more). */
  readonly #offsets: Map<number, number | null>[];

  private constructor(offsets: Map<number, number | null>[]) {
    this.#offsets = offsets;
  }

  /** Asks for those that the requests of mailings with allowed hours need. */
  static async read(client: pg.ClientBase, { ledger, early, requested, history }: Arrivals): Promise<LocalTimes> {
    const offsets = requested.zoneNames.map(() => new Map<number, number | null>());
    const bounded = new Set([...history.plans].filter(([, all]) => all.some((plan) => plan.bounded)).map(([id]) => id));
    for (let request = 0; request < (bounded.size > 0 ? early : 0); request += 1) {
      const id = ledger.of.at(request);
      if (requested.tests[id] === 1 || !bounded.has(requested.mailings[id]!)) continue;
      offsets[requested.zones[id]!]!.set(Math.floor(ledger.arrival.at(request) / MINUTE), null);
    }
    for (const [zone, minutes] of offsets.entries()) {
      const { rows } = await client.query<{ minute: number; ahead: number }>(
        `select minute, extract(epoch from (at at time zone $1) - (at at time zone 'UTC'))::float8 as ahead
         from (select minute, to_timestamp(minute * 60) as at from unnest($2::float8[]) as minute) as asked
         where zone_is_known($1)`,
        [requested.zoneNames[zone], [...minutes.keys()]],
      );
      for (const { minute, ahead } of rows) minutes.set(minute, ahead);
    }
    return new LocalTimes(offsets);
  }

  /**
   * @param at ms since the epoch
   * @returns what the zone's clock showed, as seconds since 1970 began on it; null: nobody knows the zone
   */
  at(zone: number, at: number): number | null {
    const ahead = this.#offsets[zone]!.get(Math.floor(at / MINUTE)) ?? null;
    return ahead === null ? null : at / 1_000 + ahead;
  }
}
