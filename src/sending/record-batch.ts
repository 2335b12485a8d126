import type pg from 'pg';
import type { ChangeBell } from '../live/change-bell.js';
import type { Message } from '../message/message.js';
import { type OutcomeRecord, recordOutcomes } from '../message/record-outcomes.js';
import type { Logger } from '../platform/log.js';
import type { SendingMetrics } from './sending-metrics.js';

/** What recording works with. */
export interface RecordOptions {
  pool: pg.Pool;
  bell: ChangeBell;
  metrics: SendingMetrics;
  log: Logger;
}

/**
 * Writes a batch, again and again until the database takes it: what the gateway accepted must become SENT, however
 * late. Recording twice is harmless.
 */
export async function recordBatch(
  options: RecordOptions,
  mailing: { id: string; kind: Message['kind'] },
  records: readonly OutcomeRecord[],
  timeoutMs: number,
): Promise<void> {
  const { pool, bell, metrics, log } = options;
  const began = performance.now();
  for (let pause = 100; ; pause = Math.min(pause * 2, 2_000)) {
    try {
      const published = await recordOutcomes(pool, mailing.id, records, timeoutMs, mailing.kind);
      metrics.recorded(performance.now() - began);
      metrics.finished(published?.finished);
      if (published) bell.ring(mailing.id, published.version);
      return;
    } catch (error) {
      const facts = { mailing_id: mailing.id, err: error, messages: records.length };
      if (isRefused(error)) {
        log.error(facts, 'the database refuses these outcomes');
        // One of them is to blame; it is left to its lease, the others are not. What was sent goes first.
        if (records.length === 1) return;
        const ordered = records.toSorted((a, b) => Number(b.kind === 'accepted') - Number(a.kind === 'accepted'));
        const half = ordered.length / 2;
        await recordBatch(options, mailing, ordered.slice(0, half), timeoutMs);
        return await recordBatch(options, mailing, ordered.slice(half), timeoutMs);
      }
      log.error(facts, 'outcomes not recorded yet; trying again');
      await new Promise((resolve) => setTimeout(resolve, pause));
    }
  }
}

/** Wrong data or a broken constraint (SQLSTATE classes 22 and 23): trying again would change nothing. */
function isRefused(error: unknown): boolean {
  return error instanceof Error && 'code' in error && /^2[23]/.test(String(error.code));
}
