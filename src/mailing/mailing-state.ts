import type pg from 'pg';
import type { ChannelName } from '../channel/channel.js';
import type { MailingStatus } from './mailing.js';
import type { StatusCounts } from './status-counts.js';

/** What of a mailing's row its state is made of; an entity will do. */
export interface Counts extends StatusCounts {
  status: MailingStatus;
  version: string;
  startsAt: Date;
  endsAt: Date;
  launchedAt: Date | null;
  launchCompletedAt: Date | null;
  finishedAt: Date | null;
}

/** What may hold a mailing back that is not in its messages. */
export interface Holds {
  /** Who stopped all sending, and why; null: it is not stopped. */
  stop: { by: string; reason: string | null } | null;
  /** The open circuit of its channel that is tried again first; null: none is open. Both as read from JSON. */
  circuit: { probeAt: string; reason: string } | null;
  /** Messages a second, by its own limit, its channel's or the ceiling over that, whichever is least; null: there is none. */
  limit: number | null;
  /** Its own limit is the least. */
  limitIsOwn: boolean;
  /** The last sign that anybody worked on it, or could have begun to. */
  quietSince: Date;
}

/** A mailing at one moment. */
export interface MailingState extends Counts, Holds {
  /** By the database's clock. */
  readAt: Date;
  /** Messages a second that got a final status, over the last RATE_WINDOW seconds. */
  rate: number;
}

/** Messages a second that a channel never gets more of, by the settings, whatever its limit is; null: no ceiling. */
export type Ceilings = Readonly<Partial<Record<ChannelName, number | null>>>;

/** Over how long the rate is taken, seconds. */
export const RATE_WINDOW = 10;
/** Versions looked at for it, at the most: a bound for a mailing that writes very many small batches. */
const RATE_VERSIONS = 2_000;

/**
 * Mailings' rows, their rates, what may hold them back, and the time. The rate's range of versions is the primary key's,
 * and none is read of a mailing that was not launched. A mailing that has run for two seconds is measured over two.
 * A circuit whose probe is long overdue was left by a process that died (sending/channel-circuit.ts).
 */
const READ_STATES = `
  select g.id, g.status, g.version, g.starts_at as "startsAt", g.ends_at as "endsAt", g.launched_at as "launchedAt",
    g.launch_completed_at as "launchCompletedAt", g.finished_at as "finishedAt",
    g.total, g.open, g.sent, g.failed, g.expired, g.cancelled, g.unknown, now.at as "readAt",
    coalesce(finished / greatest(1, least(${RATE_WINDOW}, extract(epoch from now.at - g.launched_at))), 0)::float8 as rate,
    (select jsonb_build_object('by', stopped_by, 'reason', reason) from sending_stop where resumed_at is null) as stop,
    (select jsonb_build_object('probeAt', probe_at, 'reason', reason) from channel_circuit c
     where c.channel = g.channel and c.probe_at > now.at - interval '1 minute' order by probe_at limit 1) as circuit,
    least(g.rate_limit, by_channel.rate_limit) as limit,
    coalesce(g.rate_limit <= coalesce(by_channel.rate_limit, g.rate_limit), false) as "limitIsOwn",
    greatest(g.starts_at, g.launched_at, (select resumed_at from sending_stop order by id desc limit 1),
      (select at from mailing_change c where c.mailing_id = g.id and c.version = g.version)) as "quietSince"
  from mailing g
  cross join (select clock_timestamp() as at) now
  left join lateral (
    select least((select rate_limit from channel_limit l where l.channel = g.channel order by id desc limit 1),
      ($2::jsonb ->> g.channel)::int) as rate_limit
  ) by_channel on true
  left join lateral (
    select sum(c.finished) as finished from mailing_change c
    where g.launched_at is not null and c.mailing_id = g.id and c.version > g.version - ${RATE_VERSIONS}
      and c.at > now.at - interval '${RATE_WINDOW} s'
  ) recent on true
  where g.id = any($1) and g.deleted_at is null`;

/** In the order of the ids; null: no such mailing, or it was deleted. */
export async function readStates(
  pool: pg.Pool,
  mailingIds: readonly string[],
  ceilings: Ceilings,
): Promise<(MailingState | null)[]> {
  const { rows } = await pool.query<MailingState & { id: string }>({
    name: 'mailing-states',
    text: READ_STATES,
    values: [mailingIds, JSON.stringify(ceilings)],
  });
  const byId = new Map(rows.map((row) => [row.id, row]));
  return mailingIds.map((id) => byId.get(id) ?? null);
}
