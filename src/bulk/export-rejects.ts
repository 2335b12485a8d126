import type pg from 'pg';
import type { Table } from '../client/export-clients.js';
import { readRows } from '../platform/read-rows.js';
import type { ClientJob } from './client-job.js';
import { REJECTED, type RejectedLine } from './client-jobs.js';
import type { ImportPlan } from './stage-import.js';

/** The lines of an import's file that were left out, as they came, with what is wrong with each behind them. */
export function exportRejects(pool: pg.Pool, { id, params }: ClientJob, signal: AbortSignal): Table {
  const { header } = params as ImportPlan;
  async function* rows() {
    for await (const lines of readRows<RejectedLine>(pool, { text: REJECTED, values: [id] }, signal)) {
      yield lines.map(({ line, cells, problems }) => [
        ...Array.from({ length: Math.max(header.length, cells.length) }, (_, at) => cells[at]),
        line,
        problems.map(({ message }) => message).join(' '),
      ]);
    }
  }
  return { header: [...header, 'import_line', 'import_error'], rows: rows() };
}
