/**
 * What Node and pg report when there is no server to talk to, it went away in the middle, or it can't work just now.
 * SQLSTATE 08 is a lost connection, 53 a lack of disk, memory or connections, 57014 a statement cancelled for taking too
 * long, 57P01–57P05 a server that stops, crashed, starts, or dropped idle ones, 25P03 one that dropped a transaction since we stood
 * still in it, 25006 one that only reads (a stand-by).
 */
const AWAY =
  /^(ECONNREFUSED|ECONNRESET|EPIPE|ETIMEDOUT|ENOTFOUND|EAI_AGAIN|EHOSTUNREACH|ENETUNREACH|08...|53...|57014|57P0[1-5]|25P03|25006)$/;
/** pg has no code for these. */
const AWAY_MESSAGE =
  /^(Connection terminated|Query read timeout|timeout exceeded when trying to connect|Client has encountered a connection error|Cannot use a pool after calling end|Client was closed)/;

/** Whether an error, or what caused it, means that a statement was cancelled as it took too long. */
export function isTooSlow(error: unknown): boolean {
  if (!(error instanceof Error)) return false;
  return (error as NodeJS.ErrnoException).code === '57014' || isTooSlow(error.cause);
}

/** Whether an error, or what caused it, means that the database can't be reached just now. */
export function isDatabaseAway(error: unknown): boolean {
  if (!(error instanceof Error)) return false;
  if (error instanceof AggregateError && error.errors.some(isDatabaseAway)) return true;
  const code = (error as NodeJS.ErrnoException).code;
  if (typeof code === 'string' && AWAY.test(code)) return true;
  return AWAY_MESSAGE.test(error.message) || isDatabaseAway(error.cause);
}
