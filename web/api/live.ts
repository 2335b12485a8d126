import { type Client, createClient } from 'graphql-ws';
import { liveAddress } from './addresses.js';
import { showConnection } from './connection.js';

/** How often a silent socket is asked whether it is still there, and how long it may think about it, ms. */
const PING_EVERY = 10_000;
const PONG_WITHIN = 5_000;
/** ms; waits between attempts to reconnect double up to this, with jitter so that browsers don't come back all at once. */
const LONGEST_WAIT = 2_000;
/** ms; how long a socket may take to answer after a sleep of the machine, when it is most likely dead. */
const AWAKE_WITHIN = 500;
/** ms; a timer that comes this much too late has slept. */
const SLEPT = 3_000;
/** graphql-ws: the server does not know who is asking. Trying again would not help. */
const UNAUTHORIZED = 4401;

/**
 * The socket for subscriptions: opened with the first of them, and kept open over any number of cuts.
 * After a cut each subscription is asked for again by itself. A machine that wakes up asks at once whether the socket still lives.
 *
 * @param onSignedOut the session is over; nothing is tried any more
 */
export function openLive(onSignedOut: () => void): Client {
  let overdue: number | undefined;
  let open: WebSocket | undefined;
  const client: Client = createClient({
    url: liveAddress(),
    lazy: false,
    keepAlive: PING_EVERY,
    retryAttempts: Number.POSITIVE_INFINITY,
    // A browser reports a refused connection as a bare error event before the close event; graphql-ws would take that as final.
    shouldRetry: () => true,
    retryWait: (retries) => waitOrWake(retryDelay(retries, Math.random())),
    onNonLazyError: onSignedOut,
    on: {
      connecting: (again) => showConnection(again ? 'reconnecting' : 'connecting'),
      connected: (socket) => {
        open = socket as WebSocket;
        showConnection('live');
      },
      closed: (event) => {
        open = undefined;
        clearTimeout(overdue);
        showConnection('reconnecting');
        if ((event as CloseEvent).code === UNAUTHORIZED) onSignedOut();
      },
      ping: (received) => {
        if (!received) expectPong(PONG_WITHIN);
      },
      pong: (received) => {
        if (received) clearTimeout(overdue);
      },
    },
  });
  const expectPong = (within: number) => {
    clearTimeout(overdue);
    overdue = window.setTimeout(() => client.terminate(), within);
  };
  onWaking(() => {
    if (open?.readyState !== WebSocket.OPEN) return;
    open.send(JSON.stringify({ type: 'ping' }));
    expectPong(AWAKE_WITHIN);
  });
  return client;
}

/** Tells when the machine may have slept or been elsewhere: a timer comes far too late, the network is back, the page is seen again. */
function onWaking(act: () => void): void {
  let last = Date.now();
  setInterval(() => {
    if (Date.now() - last > SLEPT) act();
    last = Date.now();
  }, 1_000);
  addEventListener('online', act);
  document.addEventListener('visibilitychange', () => {
    if (document.visibilityState === 'visible') act();
  });
}

/** Until the time is up, ms, or the network is back or the page seen again. */
function waitOrWake(milliseconds: number): Promise<void> {
  return new Promise((resolve) => {
    const over = new AbortController();
    const end = () => {
      over.abort();
      clearTimeout(timer);
      resolve();
    };
    const timer = setTimeout(end, milliseconds);
    addEventListener('online', end, { signal: over.signal });
    document.addEventListener('visibilitychange', end, { signal: over.signal });
  });
}

/** Wait before attempt number `retries` (from 0), ms. `chance` in [0, 1) spreads it over its upper half. */
function retryDelay(retries: number, chance: number): number {
  const longest = Math.min(LONGEST_WAIT, 500 * 2 ** retries);
  return longest * (0.5 + chance / 2);
}
