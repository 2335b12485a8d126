import type { EventEmitter } from 'node:events';

/** How close together signals count as one, in ms: Ctrl-C reaches us from the terminal, from npm and from the start script. */
const ONE_PRESS_MS = 500;

/** What listenForStop needs to know. */
export interface StopOptions {
  /** Called when a stop is asked for again while the first is under way. */
  onSecond: () => void;
  /** What asks; SIGINT, SIGTERM and SIGHUP when left out. */
  signals?: readonly NodeJS.Signals[];
  /** Where signals come from; this process when left out. */
  source?: EventEmitter;
  /** A clock that never steps back, in ms. */
  now?: () => number;
}

/**
 * Listens for what asks a program to stop: signals, and the end of the process that started it with a
 * channel (the start script), so that killing that one leaves nothing running unseen.
 *
 * @returns aborted at the first of these; its reason is the signal's name
 */
export function listenForStop(options: StopOptions): AbortSignal {
  const {
    onSecond,
    signals = ['SIGINT', 'SIGTERM', 'SIGHUP'],
    source = process,
    now = () => performance.now(),
  } = options;
  const stop = new AbortController();
  let since = 0;
  const ask = (signal: string) => {
    if (!stop.signal.aborted) {
      since = now();
      stop.abort(signal);
    } else if (now() - since > ONE_PRESS_MS) {
      onSecond();
    }
  };
  for (const signal of signals) source.on(signal, ask);
  // Comes once, and after the stop is under way says nothing new.
  source.once('disconnect', () => stop.signal.aborted || ask('disconnect'));
  return stop.signal;
}
