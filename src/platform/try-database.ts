import pg from 'pg';
import { AppError } from '../errors.js';

/** How long a server is given to answer, in ms … */
const ANSWER_MS = 10_000;
/** … and how often it is asked: the program reads its libraries meanwhile, and on a busy machine it is we who don't listen. */
const TRIES = 3;

/** What the operating system says, in words. */
const REASONS: Readonly<Record<string, string>> = {
  ECONNREFUSED: 'connection refused',
  ECONNRESET: 'connection reset',
  ENOTFOUND: 'unknown host',
  EAI_AGAIN: 'the name of the host can not be looked up',
  ETIMEDOUT: 'no answer',
  EHOSTUNREACH: 'no way to the host',
  ENETUNREACH: 'no way to the host',
  ENOENT: 'no such socket',
};

/**
 * Connects once to the database of DATABASE_URL, so that a wrong setting is told as one before anything is started.
 *
 * @throws AppError UNAVAILABLE with the reason on one line, which names the setting and never the password
 */
export async function tryDatabase(databaseUrl: string): Promise<void> {
  for (let tries = 1; ; tries += 1) {
    const client = new pg.Client({
      connectionString: databaseUrl,
      application_name: 'heliograph',
      connectionTimeoutMillis: ANSWER_MS,
    });
    // What happens to a connection that failed is told by connect().
    client.on('error', () => {});
    try {
      await client.connect();
      return;
    } catch (error) {
      const late = error instanceof Error && error.message === 'timeout expired';
      if (!late || tries === TRIES) throw new AppError('UNAVAILABLE', `DATABASE_URL: ${complaint(client, error)}.`);
    } finally {
      await client.end().catch(() => {});
    }
  }
}

/** SQLSTATE: https://www.postgresql.org/docs/current/errcodes-appendix.html */
function complaint({ host, port, user, database }: pg.Client, error: unknown): string {
  const { code = '', message } = error as NodeJS.ErrnoException;
  const server = `${host}:${port}`;
  if (code === '28P01') return `PostgreSQL at ${server} refuses the password of user "${user}"`;
  if (code === '28000') return `PostgreSQL at ${server} refuses user "${user}" (${message})`;
  if (code === '3D000') return `PostgreSQL at ${server} has no database "${database}"`;
  // It answered, and let nobody in: no right to connect, too many connections, a start that is not over yet.
  if (error instanceof pg.DatabaseError) return `PostgreSQL at ${server} does not let user "${user}" in (${message})`;
  if (/password must be a/.test(message)) return `PostgreSQL at ${server} asks for a password of user "${user}"`;
  return `no PostgreSQL at ${server} (${REASONS[code] ?? (message || code)})`;
}
