/** What a spreadsheet would take for a formula (OWASP, CSV Injection), and what is guarded already. */
const FORMULA = /^'*[=+\-@\t\r]/;
/** A phone is none, whatever it begins with. */
const PHONE = /^\+\d{5,15}$/;

/** A line of CSV (RFC 4180) that no spreadsheet takes for a formula: a quote in front makes such a cell plain text. */
export function csvLine(
  cells: readonly (string | number | boolean | Date | null | undefined)[],
  delimiter: string,
): string {
  return `${cells.map((cell) => csvCell(cell, delimiter)).join(delimiter)}\r\n`;
}

function csvCell(cell: string | number | boolean | Date | null | undefined, delimiter: string): string {
  if (cell === null || cell === undefined) return '';
  if (typeof cell !== 'string') return cell instanceof Date ? cell.toISOString() : String(cell);
  const text = FORMULA.test(cell) && !PHONE.test(cell) ? `'${cell}` : cell;
  const needsQuotes = /["\r\n]|^\s|\s$/.test(text) || text.includes(delimiter);
  return needsQuotes ? `"${text.replaceAll('"', '""')}"` : text;
}
