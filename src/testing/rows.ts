import type pg from 'pg';

/** A client's row; everything has a default. */
export interface ClientRow {
  phone?: string;
  operatorCode?: string;
  tags?: string[];
  timeZone?: string;
  attributes?: Record<string, unknown>;
}

/** A mailing's row; runs from a minute ago for an hour, to everybody, at any time, when nothing is said. */
export interface MailingRow {
  text?: string;
  filter?: Partial<{ operatorCodes: string[]; tagsAny: string[]; tagsAll: string[]; timeZones: string[] }>;
  /** Relative to now by the database's clock, an SQL interval. */
  startsIn?: string;
  endsIn?: string;
  allowedFrom?: string | null;
  allowedTo?: string | null;
  weekdays?: number[] | null;
  rateLimit?: number | null;
  maxAttempts?: number | null;
  unknownOutcome?: string;
  channel?: string;
  status?: string;
}

/** Inserts `count` clients with phones from 79000000000 on; gives their ids. */
export async function insertClients(pool: pg.Pool, count: number, row: ClientRow = {}): Promise<string[]> {
  const { rows } = await pool.query<{ id: string }>(
    `insert into client (phone, operator_code, tags, time_zone, attributes)
     select (coalesce($2::bigint, 79000000000 + (select count(*) from client)) + n - 1)::text, $3, $4, $5, $6 from generate_series(1, $1) n
     returning id`,
    [
      count,
      row.phone ?? null,
      row.operatorCode ?? '900',
      row.tags ?? [],
      row.timeZone ?? 'Europe/Moscow',
      row.attributes ?? {},
    ],
  );
  return rows.map(({ id }) => id);
}

/** Inserts a mailing, SCHEDULED if nothing else is said; gives its id. */
export async function insertMailing(pool: pg.Pool, row: MailingRow = {}): Promise<string> {
  const filter = { operatorCodes: [], tagsAny: [], tagsAll: [], timeZones: [], ...row.filter };
  const { rows } = await pool.query<{ id: string }>(
    `insert into mailing (name, text, filter, starts_at, ends_at, allowed_from, allowed_to, weekdays, max_attempts, unknown_outcome, channel, status, rate_limit)
     values ('test', $1, $2, clock_timestamp() + $3::interval, clock_timestamp() + $4::interval, $5, $6, $7, $8, $9, $10, $11, $12) returning id`,
    [
      row.text ?? 'Hello',
      filter,
      row.startsIn ?? '-1 minute',
      row.endsIn ?? '1 hour',
      row.allowedFrom ?? null,
      row.allowedTo ?? null,
      row.weekdays ?? null,
      row.maxAttempts ?? null,
      row.unknownOutcome ?? 'RETRY',
      row.channel ?? 'gateway',
      row.status ?? 'SCHEDULED',
      row.rateLimit ?? null,
    ],
  );
  return rows[0]!.id;
}
