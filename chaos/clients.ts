import type pg from 'pg';

/** Clients of a run. */
export const CLIENTS = 12_000;
/** Where they live, in equal parts: from the far west to the far east, and one with half an hour. */
export const ZONES = [
  'Europe/Moscow',
  'Europe/Kaliningrad',
  'Asia/Vladivostok',
  'Asia/Kolkata',
  'America/New_York',
  'Pacific/Kiritimati',
  'Pacific/Pago_Pago',
] as const;
/** Operator codes, in equal parts. */
export const CODES = ['900', '901', '902', '903', '904', '905', '906', '907', '908', '909'] as const;
/** One client in so many has the tag `vip`. */
const VIP = 40;

/** Makes them; ids go from 1 on. */
export async function insertClients(pool: pg.Pool): Promise<void> {
  await pool.query(
    `insert into client (phone, operator_code, tags, time_zone, attributes)
     select (79000000000 + n)::text, ($2::text[])[1 + n % ${CODES.length}], case when n % ${VIP} = 0 then '{vip}' else '{}' end::text[],
       ($3::text[])[1 + n % ${ZONES.length}], jsonb_build_object('name', 'Client ' || n)
     from generate_series(1, $1) n`,
    [CLIENTS, CODES, ZONES],
  );
  await pool.query('vacuum analyze client');
}
