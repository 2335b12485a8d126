import { WebSocket } from 'ws';
import { p95 } from './ask-api.js';

/**
 * Subscribers of one mailing in a process of their own: `live-watchers.js <api> <token> <mailing> <on progress> <on statuses>`. A tenth
 * of those on progress stop reading once they have the first event. Tells when all are there, and, when asked, how late events came.
 */
const [, , url, token, mailingId, onProgress, onStatuses] = process.argv as string[];
/** One in so many on progress does not read. */
const UNREAD = 10;
const PROGRESS =
  'subscription ($id: ID!) { mailingProgress(mailingId: $id) { status total open sent failed ratePerSecond eta version } }';
const STATUSES =
  'subscription ($id: ID!) { messageStatusChanged(mailingId: $id) { version previousVersion changes { at messageId status } } }';
/** Where the moment of an event's first change stands; written as RFC 3339 has it. */
const AT = Buffer.from('"at":"');
const MOMENT = '2026-11-21T09:00:00.000Z'.length;

let progressEvents = 0;
/** How long after its oldest change was written an event was here, ms. The changes are committed a little after that. */
const lateness: number[] = [];

/** Opens one; resolves when it has its first event. */
async function open(query: string, onEvent: (data: Buffer) => void): Promise<WebSocket> {
  const socket = new WebSocket(`${url!.replace(/^http/, 'ws')}/graphql`, 'graphql-transport-ws');
  await new Promise<void>((resolve, reject) => {
    socket.once('error', reject);
    socket.once('close', (code) => reject(new Error(`a socket was closed with ${code}`)));
    socket.on('open', () =>
      socket.send(JSON.stringify({ type: 'connection_init', payload: { authorization: `Bearer ${token}` } })),
    );
    let isFirst = true;
    socket.on('message', (data: Buffer) => {
      if (data.includes('"type":"connection_ack"')) {
        const payload = { query, variables: { id: mailingId } };
        return socket.send(JSON.stringify({ id: '1', type: 'subscribe', payload }));
      }
      if (!data.includes('"type":"next"')) return;
      if (!isFirst) return onEvent(data);
      isFirst = false;
      resolve();
    });
  });
  return socket;
}

function noteLateness(data: Buffer): void {
  const place = data.indexOf(AT);
  if (place < 0) return;
  const from = place + AT.length;
  lateness.push(Date.now() - Date.parse(data.toString('latin1', from, from + MOMENT)));
}

for (let n = 0; n < Number(onProgress); n += 1) {
  const socket = await open(PROGRESS, () => {
    progressEvents += 1;
  });
  if (n % UNREAD === 0) socket.pause();
}
for (let n = 0; n < Number(onStatuses); n += 1) await open(STATUSES, noteLateness);

process.send?.({ ready: true });
process.on('message', () => process.send?.({ progressEvents, statusEvents: lateness.length, p95: p95(lateness) }));
process.on('disconnect', () => process.exit());
