import type pg from 'pg';
import { tellOutside } from '../platform/outside-event.js';
import { CIRCUIT_FORGOTTEN } from './channel-circuit.js';

/** An outage is over when no circuit of the channel has been open for so long, ms. */
const CALM_MS = 60_000;

/** What the outside is told of an outage `o`, in SQL. */
const NEWS = `jsonb_build_object('channel', jsonb_build_object('name', o.channel, 'reason', o.reason, 'openedAt', o.opened_at, 'closedAt', o.closed_at))`;

/**
 * Opens a worker's circuit, or keeps it open: channel, worker, ms to the next probe, reason (null: as before). The first of a
 * channel begins its outage and tells the outside, all in this one statement.
 */
export const OPEN_CIRCUIT = `
  with c as (
    insert into channel_circuit as c (channel, worker, opened_at, probe_at, reason)
    values ($1, $2, clock_timestamp(), clock_timestamp() + $3 * interval '1 ms', coalesce($4, 'a probe is under way'))
    on conflict (channel, worker) do update set probe_at = excluded.probe_at, reason = coalesce($4, c.reason)
    returning channel, reason
  ), o as (
    insert into channel_outage (channel, reason) select channel, reason from c
    on conflict (channel) where closed_at is null do nothing
    returning *
  )
  ${tellOutside('circuit.opened', { data: NEWS, from: 'o' })}`;

/** The row of the outage is locked by its update, so of two who look at once one closes it. */
const WATCH = `
  with seen as (
    update channel_outage o set seen_at = clock_timestamp()
    where o.closed_at is null and o.seen_at < clock_timestamp() - $1 * interval '0.25 ms'
      and exists (select from channel_circuit c where c.channel = o.channel and c.probe_at > clock_timestamp() - ${CIRCUIT_FORGOTTEN})
  ), o as (
    update channel_outage o set closed_at = clock_timestamp()
    where o.closed_at is null and o.seen_at < clock_timestamp() - $1 * interval '1 ms'
      and not exists (select from channel_circuit c where c.channel = o.channel and c.probe_at > clock_timestamp() - ${CIRCUIT_FORGOTTEN})
    returning o.*
  )
  ${tellOutside('circuit.closed', { data: NEWS, from: 'o' })}`;

/** Ends the outages that are over, and tells the outside. @param calmMs without an open circuit, ms */
export async function watchOutages(pool: pg.Pool, calmMs = CALM_MS): Promise<void> {
  await pool.query(WATCH, [calmMs]);
}
