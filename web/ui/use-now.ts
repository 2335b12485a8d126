import { useSyncExternalStore } from 'react';

/** ms. */
const EVERY = 1_000;

let now = Date.now();
let timer: ReturnType<typeof setInterval> | undefined;
const watchers = new Set<() => void>();

/** The moment, ms since 1970, anew each second: for countdowns. A page that is not seen stands still, and is right again once it is seen. */
export function useNow(): number {
  return useSyncExternalStore(watch, () => {
    // The clock has stood while nobody watched.
    if (watchers.size === 0 && Date.now() - now > EVERY) now = Date.now();
    return now;
  });
}

/** One clock for all who watch: they are drawn together. */
function watch(watcher: () => void): () => void {
  if (watchers.size === 0) {
    timer = setInterval(tick, EVERY);
    document.addEventListener('visibilitychange', tick);
  }
  watchers.add(watcher);
  return () => {
    watchers.delete(watcher);
    if (watchers.size > 0) return;
    clearInterval(timer);
    document.removeEventListener('visibilitychange', tick);
  };
}

function tick(): void {
  if (document.visibilityState !== 'visible') return;
  now = Date.now();
  for (const watcher of watchers) watcher();
}
