import { useSyncExternalStore } from 'react';

/** How the socket stands, and since when. What is shown may be stale from `since` on while it is not `live`. */
export interface Connection {
  state: 'connecting' | 'live' | 'reconnecting';
  since: number;
}

let connection: Connection = { state: 'connecting', since: Date.now() };
const watchers = new Set<() => void>();

/** Only what holds the socket says so. Attempts to come back are one stretch: it is stale since the first. */
export function showConnection(state: Connection['state']): void {
  if (state === connection.state) return;
  connection = { state, since: Date.now() };
  for (const watcher of watchers) watcher();
}

export function useConnection(): Connection {
  return useSyncExternalStore(
    (watcher) => {
      watchers.add(watcher);
      return () => watchers.delete(watcher);
    },
    () => connection,
  );
}
