import type pg from 'pg';
import { type Ceilings, readStates } from '../mailing/mailing-state.js';
import { sampleOpen } from '../mailing/open-sample.js';
import { type Waiting, whyWaiting } from '../mailing/waiting.js';
import { mailingNews } from '../message/mailing-news.js';
import { WaitingFor } from '../message/message.js';

/** Batches looked through for the last one that finished a message: those that only tried again are passed over. */
const BATCHES = 2_000;

/**
 * Mailings of which nothing has moved for so long, and that nobody holds. A message moves when it gets a final status: of a
 * gateway that is away each probe writes a batch, and moves nothing. What a person did to the mailing counts as movement.
 */
const QUIET = `
  select g.id, extract(epoch from moved.at) * 1000 as "movedAt", g.allowed_from is not null or g.weekdays is not null as "hasHours"
  from mailing g cross join lateral (
    select greatest(g.starts_at, g.launched_at, case when g.ends_at <= clock_timestamp() then g.ends_at end,
      (select resumed_at from sending_stop order by id desc limit 1),
      (select max(e.at) from mailing_event e where e.mailing_id = g.id),
      (select c.at from (
         select at, finished from mailing_change c where c.mailing_id = g.id order by version desc limit ${BATCHES}
       ) c where c.finished > 0 limit 1)) as at
  ) moved
  where g.deleted_at is null and moved.at <= clock_timestamp() - $1 * interval '1 minute'
    and (g.status in ('SCHEDULED', 'RUNNING') or g.status = 'PAUSED' and g.ends_at <= clock_timestamp() or g.status = 'CANCELLED' and g.open > 0)
    and not exists (select from sending_stop where resumed_at is null)`;

/** Told once for each time that it stopped moving, however often and by however many that is noticed. */
const TELL = `
  insert into outside_event (kind, occurrence, data)
  select 'mailing.stuck', $2, ${mailingNews('g')} || jsonb_build_object('stuck', jsonb_build_object('since', $3::timestamptz, 'waitingFor', $4::text, 'detail', $5::text))
  from mailing g where g.id = $1
  on conflict (occurrence) do nothing`;

/** What keeps a mailing from moving that is no decision of people and nothing that passes with time. */
const STUCK_BY: readonly WaitingFor[] = [WaitingFor.CIRCUIT, WaitingFor.WORKER];
const HELD_BY: readonly WaitingFor[] = [WaitingFor.STOPPED, WaitingFor.PAUSED];

interface Quiet {
  id: string;
  movedAt: number;
  hasHours: boolean;
}

/**
 * Tells the outside of mailings that are stuck: something is due and may be sent, and for so long nothing got its final status.
 *
 * @param minutes how long that is
 */
export async function tellOfStuck(pool: pg.Pool, minutes: number, ceilings: Ceilings): Promise<void> {
  const { rows } = await pool.query<Quiet>({ name: 'find-quiet', text: QUIET, values: [minutes] });
  const states = await readStates(
    pool,
    rows.map(({ id }) => id),
    ceilings,
  );
  for (const [at, quiet] of rows.entries()) {
    const state = states[at];
    if (!state) continue;
    const sample = state.open > 0 ? await sampleOpen(pool, quiet.id) : null;
    // Within hours, what became due a moment ago has not waited yet, although nothing moved all night.
    const dueSince = sample?.waitingSince?.getTime() ?? 0;
    if (quiet.hasHours && dueSince > state.readAt.getTime() - minutes * 60_000) continue;
    const why = stuckBy(whyWaiting(state, sample));
    if (why === null) continue;
    // To the ms: what is read of a moment has no finer part, and the same moment must have the same name.
    const since = new Date(Math.max(quiet.movedAt, 0));
    const occurrence = `stuck:${quiet.id}:${since.getTime()}`;
    await pool.query(TELL, [quiet.id, occurrence, since, why.reason, why.detail]);
  }
}

function stuckBy(waiting: readonly Waiting[]): Waiting | null {
  if (waiting.some(({ reason }) => HELD_BY.includes(reason))) return null;
  return waiting.find(({ reason }) => STUCK_BY.includes(reason)) ?? null;
}
