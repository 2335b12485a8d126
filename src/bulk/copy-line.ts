import { textArray } from '../platform/sql-arrays.js';
import type { StagedRow } from './import-columns.js';

/** Takes what `copyLine` writes. */
export const COPY_LINES =
  'copy client_job_row (job_id, line, cells, phone, operator_code, tags, time_zone, attributes, problems) from stdin';

/** A line of a job's file (https://www.postgresql.org/docs/current/sql-copy.html, text format). */
export function copyLine(jobId: string, row: StagedRow): string {
  const cells = [
    textArray(row.cells),
    row.phone,
    row.operatorCode,
    row.tags && textArray(row.tags),
    row.timeZone,
    row.attributes && JSON.stringify(row.attributes),
    row.problems && JSON.stringify(row.problems),
  ];
  return `${jobId}\t${row.line}\t${cells.map(copyCell).join('\t')}\n`;
}

const ESCAPES: Record<string, string> = { '\n': '\\n', '\r': '\\r', '\t': '\\t' };

function copyCell(cell: string | null): string {
  if (cell === null) return '\\N';
  const text = cell.includes('\\') ? cell.replaceAll('\\', '\\\\') : cell;
  // Looking costs less than a replacement that finds nothing.
  return /[\n\r\t]/.test(text) ? text.replace(/[\n\r\t]/g, (character) => ESCAPES[character]!) : text;
}
