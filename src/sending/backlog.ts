import type pg from 'pg';
import type { Registry } from 'prom-client';
import { addGauge, sharedReading } from '../platform/metrics.js';

/** Due messages are counted up to here: beyond it more workers are wanted, however many there are. */
export const MOST_COUNTED = 100_000;
/** Mailings under way that are looked at: several times as many as anybody runs at once. */
const MOST_MAILINGS = 1_000;
/** So long a reading holds, ms. */
const HOLDS_MS = 2_000;

/** What waits to be sent, in the whole installation, at one moment. */
export interface Backlog {
  /** Due messages, up to MOST_COUNTED; those in workers' hands are among them. */
  due: number;
  /** How long the oldest of them has been due, s, where no limit of a rate holds it; 0: none is. */
  unpacedAge: number;
  /** The same where one does. */
  pacedAge: number;
  /** Open messages of mailings by status: due, and to come. */
  running: number;
  paused: number;
  /** Whether a person has stopped all sending. */
  stopped: boolean;
}

/**
 * Walks message_due_index: its first entry of each mailing under way, and as many entries of all of them together as are counted.
 * Test sends are among them; they are few.
 */
const BACKLOG = `
  with g as materialized (
    select id, status, open, ends_at, clock_timestamp() as now,
      rate_limit is not null or channel = any ($1::text[]) or
        (select l.rate_limit from channel_limit l where l.channel = g.channel order by l.id desc limit 1) is not null as paced
    from mailing g where status in ('RUNNING', 'PAUSED') and deleted_at is null and open > 0 limit ${MOST_MAILINGS}
  ), oldest as (
    select g.paced, extract(epoch from g.now - first.due_at)::float8 as age
    from g, lateral (
      select m.due_at from message m where m.mailing_id = g.id and m.status = 'OPEN' and m.due_at <= g.now
      order by m.due_at, m.id limit 1
    ) first
    where g.status = 'RUNNING' and g.ends_at > g.now
  )
  select
    (select count(*)::int from (
      select from g, lateral (
        select from message m where m.mailing_id = g.id and m.status = 'OPEN' and m.due_at <= g.now limit ${MOST_COUNTED}
      ) due where g.status = 'RUNNING' and g.ends_at > g.now limit ${MOST_COUNTED}
    ) counted) as due,
    (select coalesce(max(age) filter (where not paced), 0) from oldest) as "unpacedAge",
    (select coalesce(max(age) filter (where paced), 0) from oldest) as "pacedAge",
    (select coalesce(sum(open) filter (where status = 'RUNNING'), 0)::float8 from g) as running,
    (select coalesce(sum(open) filter (where status = 'PAUSED'), 0)::float8 from g) as paused,
    exists (select from sending_stop where resumed_at is null) as stopped`;

/** @param pacedChannels channels that the settings limit: GATEWAY_RATE_LIMIT */
export async function readBacklog(pool: pg.Pool, pacedChannels: readonly string[]): Promise<Backlog> {
  const { rows } = await pool.query<Backlog>({ name: 'backlog', text: BACKLOG, values: [pacedChannels] });
  return rows[0]!;
}

/** Tells of the backlog of the whole installation. For processes that serve people: N workers would ask N times. */
export function addBacklogMetrics(registry: Registry, pool: pg.Pool, pacedChannels: () => readonly string[]): void {
  const read = sharedReading(HOLDS_MS, () => readBacklog(pool, pacedChannels()));
  addGauge(
    registry,
    {
      name: 'heliograph_backlog_messages',
      help: `Due messages of all mailings under way, up to ${MOST_COUNTED}: what there is for workers to do.`,
    },
    async () => [[{}, (await read()).due]],
  );
  addGauge(
    registry,
    {
      name: 'heliograph_oldest_due_age_seconds',
      help: 'How long the oldest due message has been due, by whether a limit of a rate holds its mailing; 0: none is due.',
      labelNames: ['paced'],
    },
    async () => {
      const { unpacedAge, pacedAge } = await read();
      return [
        [{ paced: 'no' }, unpacedAge],
        [{ paced: 'yes' }, pacedAge],
      ];
    },
  );
  addGauge(
    registry,
    {
      name: 'heliograph_open_messages',
      help: 'Open messages, due and to come, by the status of their mailing: running, paused.',
      labelNames: ['mailing'],
    },
    async () => {
      const { running, paused } = await read();
      return [
        [{ mailing: 'running' }, running],
        [{ mailing: 'paused' }, paused],
      ];
    },
  );
  addGauge(
    registry,
    { name: 'heliograph_sending_stopped', help: 'Whether a person has stopped all sending: 1, else 0.' },
    async () => [[{}, Number((await read()).stopped)]],
  );
}
