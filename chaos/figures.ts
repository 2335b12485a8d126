import type { World } from './world.js';

/** Where a run stands, or stood at its end. */
export interface Figures {
  /** Messages of mailings, test sends apart. */
  messages: number;
  sent: number;
  open: number;
  /** Mailings that are not over. */
  going: number;
  mailings: number;
  /** Size of the database without its log. */
  megabytes: number;
}

/** @throws what pg throws while Postgres is away */
export async function readFigures({ pool }: World): Promise<Figures> {
  const { rows } = await pool.query<Figures>(
    `select coalesce(sum(total), 0)::int as messages, coalesce(sum(sent), 0)::int as sent, coalesce(sum(open), 0)::int as open,
       (count(*) filter (where status in ('SCHEDULED', 'RUNNING', 'PAUSED')))::int as going, count(*)::int as mailings,
       (pg_database_size(current_database()) / 1048576)::int as megabytes
     from mailing`,
  );
  return rows[0]!;
}

/** What a run of a length must reach, or it has shown little. */
export function leastOf(minutes: number) {
  const part = Math.min(1, minutes / 10);
  return {
    faults: Math.max(1, Math.floor(30 * part)),
    kinds: Math.max(1, Math.min(10, Math.floor(30 * part))),
    messages: Math.floor(200_000 * (minutes / 10)),
  };
}

export function count(number: number): string {
  return number.toLocaleString('en-US');
}
