/**
 * What Node and pg report when there is no server to talk to, or it went away in the middle. SQLSTATE 08 is a lost
 * connection, 53300 too many of them, 57P01–57P05 a server that stops, crashed, starts, or dropped idle ones.
 */
const AWAY =
  /^(ECONNREFUSED|ECONNRESET|EPIPE|ETIMEDOUT|ENOTFOUND|EAI_AGAIN|EHOSTUNREACH|ENETUNREACH|08...|53300|57P0[1-5])$/;
/** pg has no code for these. */
const AWAY_MESSAGE =
  /^(Connection terminated|timeout exceeded when trying to connect|Client has encountered a connection error|Cannot use a pool after calling end|Client was closed)/;

/** Whether an error, or what caused it, means that the database can't be reached just now. */
export function isDatabaseAway(error: unknown): boolean {
  if (!(error instanceof Error)) return false;
  if (error instanceof AggregateError && error.errors.some(isDatabaseAway)) return true;
  const code = (error as NodeJS.ErrnoException).code;
  if (typeof code === 'string' && AWAY.test(code)) return true;
  return AWAY_MESSAGE.test(error.message) || isDatabaseAway(error.cause);
}
