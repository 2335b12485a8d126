import type pg from 'pg';
import type { Arrivals } from './times.js';

const MINUTE = 60_000;

/** What clients' clocks showed, by Postgres's zone data, asked once for each zone and minute in which it matters. */
export class LocalTimes {
  /** By zone, by minute since 1970: seconds ahead of UTC. */
  readonly #offsets: Map<number, number>[];

  private constructor(offsets: Map<number, number>[]) {
    this.#offsets = offsets;
  }

  /** Asks for those that the requests of mailings with allowed hours need. */
  static async read(client: pg.ClientBase, { ledger, early, requested, history }: Arrivals): Promise<LocalTimes> {
    const offsets = requested.zoneNames.map(() => new Map<number, number>());
    const bounded = new Set([...history.plans].filter(([, all]) => all.some((plan) => plan.bounded)).map(([id]) => id));
    for (let request = 0; request < (bounded.size > 0 ? early : 0); request += 1) {
      const id = ledger.of[request]!;
      if (requested.tests[id] === 1 || !bounded.has(requested.mailings[id]!)) continue;
      offsets[requested.zones[id]!]!.set(Math.floor(ledger.at[request]! / MINUTE), 0);
    }
    for (const [zone, minutes] of offsets.entries()) {
      const { rows } = await client.query<{ minute: number; ahead: number }>(
        `select minute, extract(epoch from (at at time zone $1) - (at at time zone 'UTC'))::float8 as ahead
         from (select minute, to_timestamp(minute * 60) as at from unnest($2::float8[]) as minute) as asked`,
        [requested.zoneNames[zone], [...minutes.keys()]],
      );
      for (const { minute, ahead } of rows) minutes.set(minute, ahead);
    }
    return new LocalTimes(offsets);
  }

  /** @returns what the zone's clock showed, as seconds since 1970 began on it. @param at ms since the epoch */
  at(zone: number, at: number): number {
    return at / 1_000 + this.#offsets[zone]!.get(Math.floor(at / MINUTE))!;
  }
}
