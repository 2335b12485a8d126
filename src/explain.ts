import { ConfigError } from './config.js';
import { AppError } from './errors.js';
import { isDatabaseAway } from './platform/database-away.js';

/**
 * What went wrong, for a person at a terminal: expected troubles in one line, faults of ours with the place they
 * happened at.
 */
export function explain(error: unknown): string {
  if (error instanceof ConfigError || error instanceof AppError) return error.message;
  if (!(error instanceof Error)) return String(error);
  const code = 'code' in error ? String(error.code) : '';
  if (code === '42P01' || code === '42703') return 'The database has another schema: npm run cli -- migrate';
  if (code === '42501') {
    return `PostgreSQL says: ${error.message}. The user of DATABASE_URL has to own the database: docs/deploy.md tells how.`;
  }
  // Troubles of the machine or the database (SQLSTATE classes of connections, rights and resources), no faults of ours.
  if (/^(E(?!RR)[A-Z]+|(08|25|28|3D|53|57|58)\w{3})$/.test(code)) {
    return `It can't be done (${code}): ${error.message || 'the database does not answer'}`;
  }
  if (isDatabaseAway(error)) return `The database went away: ${error.message}`;
  return error.stack ?? error.message;
}
