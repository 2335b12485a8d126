/** How close together signals count as one, in ms: Ctrl-C reaches us from the terminal, from npm and from the start script. */
const ONE_PRESS_MS = 500;

/**
 * Listens for what asks a program to stop: SIGINT, SIGTERM, SIGHUP, and the end of the process that started it with a
 * channel (the start script), so that killing that one leaves nothing running unseen.
 *
 * @param onSecond called when a stop is asked for again while the first is under way
 * @returns aborted at the first of these; its reason is the signal's name
 */
export function listenForStop(onSecond: () => void): AbortSignal {
  const stop = new AbortController();
  let since = 0;
  const ask = (signal: string) => {
    if (!stop.signal.aborted) {
      since = performance.now();
      stop.abort(signal);
    } else if (performance.now() - since > ONE_PRESS_MS && signal !== 'disconnect') {
      onSecond();
    }
  };
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, ask);
  process.once('disconnect', () => ask('disconnect'));
  return stop.signal;
}
