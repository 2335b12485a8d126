import { type Client, createClient } from 'graphql-ws';
import { liveAddress } from './addresses.js';

/** What the badge says: `signedOut` is final, all others change by themselves. */
export type Connection = 'connecting' | 'live' | 'reconnecting' | 'signedOut';

/** How often a silent socket is asked whether it is still there, and how long it may think about it, ms. */
const PING_EVERY = 10_000;
const PONG_WITHIN = 5_000;
/** ms; waits between attempts to reconnect double up to this, with jitter so that browsers don't come back all at once. */
const LONGEST_WAIT = 2_000;
/** graphql-ws: the server does not know who is asking. Trying again would not help. */
const UNAUTHORIZED = 4401;

/**
 * Opens the socket for subscriptions at once and keeps it open, over any number of cuts.
 * After a cut each subscription is asked for again by itself.
 */
export function openLive(onConnection: (connection: Connection) => void): Client {
  let overdue: number | undefined;
  const client = createClient({
    url: liveAddress(),
    lazy: false,
    keepAlive: PING_EVERY,
    retryAttempts: Number.POSITIVE_INFINITY,
    // A browser reports a refused connection as a bare error event before the close event; graphql-ws would take that as final.
    shouldRetry: () => true,
    retryWait: (retries) => new Promise((resolve) => setTimeout(resolve, retryDelay(retries, Math.random()))),
    onNonLazyError: () => onConnection('signedOut'),
    on: {
      connecting: (again) => onConnection(again ? 'reconnecting' : 'connecting'),
      connected: () => onConnection('live'),
      closed: (event) => {
        clearTimeout(overdue);
        const refused = (event as CloseEvent).code === UNAUTHORIZED;
        onConnection(refused ? 'signedOut' : 'reconnecting');
      },
      ping: (received) => {
        if (!received) overdue = window.setTimeout(() => client.terminate(), PONG_WITHIN);
      },
      pong: (received) => {
        if (received) clearTimeout(overdue);
      },
    },
  });
  return client;
}

/** Wait before attempt number `retries` (from 0), ms. `chance` in [0, 1) spreads it over its upper half. */
function retryDelay(retries: number, chance: number): number {
  const longest = Math.min(LONGEST_WAIT, 500 * 2 ** retries);
  return longest * (0.5 + chance / 2);
}
