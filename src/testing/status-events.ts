import { changeOf, pretendLaunched, ringChange, writeChange } from './changes.js';
import type { LiveSocket } from './live-socket.js';
import { insertMailing } from './rows.js';
import type { RunningApi } from './running-api.js';

/** messageStatusChanged with all its arguments and all it tells. */
export const STATUS_QUERY = `subscription ($mailing: ID!, $after: String, $client: ID, $statuses: [MessageStatus!]) {
  messageStatusChanged(mailingId: $mailing, after: $after, clientId: $client, statuses: $statuses) {
    mailingId version previousVersion snapshot changes { messageId status version at }
  } }`;

export interface StatusEvent {
  mailingId: string;
  version: string;
  previousVersion: string | null;
  snapshot: boolean;
  changes: { messageId: string; status: string; version: string }[];
}

/** What has the database of a running API. */
interface WithPool {
  database: Pick<RunningApi['database'], 'pool'>;
}

/** A mailing whose counts say that it has so many open messages. */
export async function launchedMailing({ database }: WithPool, open = 1_000_000): Promise<string> {
  const mailing = await insertMailing(database.pool);
  await pretendLaunched(database.pool, mailing, open);
  return mailing;
}

/** Writes versions of one message each, straight into the database. */
export async function writeVersions(
  { database: { pool } }: WithPool,
  mailing: string,
  first: number,
  count: number,
  ring = true,
): Promise<void> {
  for (let n = first; n < first + count; n++) {
    const version = await writeChange(pool, mailing, changeOf(n, 1));
    if (ring) await ringChange(pool, mailing, version);
  }
}

export async function nextEvent(live: LiveSocket, id = '1'): Promise<StatusEvent> {
  const { type, payload } = await live.next(id);
  if (type !== 'next' || payload.errors) throw new Error(`no event: ${JSON.stringify(payload)}`);
  return payload.data.messageStatusChanged;
}

/**
 * Follows until a version.
 * @throws Error when an event does not join on to the one before
 */
export async function followChanges(
  live: LiveSocket,
  from: string,
  until: number,
  id = '1',
): Promise<StatusEvent['changes']> {
  const changes: StatusEvent['changes'] = [];
  let cursor = from;
  while (Number(cursor) < until) {
    const event = await nextEvent(live, id);
    if (event.previousVersion !== cursor)
      throw new Error(`after version ${cursor} came one after ${event.previousVersion}`);
    changes.push(...event.changes);
    cursor = event.version;
  }
  return changes;
}

export function versionsOf(changes: StatusEvent['changes']): number[] {
  return changes.map(({ version }) => Number(version));
}

export function upTo(from: number, to: number): number[] {
  return Array.from({ length: to - from + 1 }, (_, n) => from + n);
}
