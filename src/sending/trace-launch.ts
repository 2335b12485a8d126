import type pg from 'pg';
import type { Span, Tracing } from '../platform/tracing.js';

/**
 * Begins the span of a launch, on that of whoever made or started the mailing, and has the batches hang theirs on it.
 *
 * @param startedAt on the clock of `performance.now()`
 * @returns null: the mailing is not traced
 */
export async function traceLaunch(
  pool: pg.Pool,
  tracing: Tracing,
  mailingId: string,
  startedAt: number,
): Promise<Span | null> {
  // Where nothing is traced nothing is asked either.
  if (!tracing.isOn) return null;
  const { rows } = await pool.query<{ traceparent: string | null }>('select traceparent from mailing where id = $1', [
    mailingId,
  ]);
  const parent = rows[0]?.traceparent;
  if (parent == null) return null;
  const facts = { 'heliograph.mailing_id': mailingId };
  const span = tracing.begin('mailing.launch', { parent, startedAt, facts });
  if (span) await pool.query('update mailing set traceparent = $2 where id = $1', [mailingId, span.traceparent]);
  return span;
}
