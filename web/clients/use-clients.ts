import { useCallback, useEffect, useMemo, useState, useSyncExternalStore } from 'react';
import { type AnyVariables, CombinedError, type TypedDocumentNode } from 'urql';
import { uncached } from '../api/client.js';
import { type ClientRowFragment, ClientsPageDocument, CountOfClientsDocument } from '../generated/graphql.js';
import { ClientPages, PAGE } from './client-pages.js';
import type { ListView } from './list-view.js';

/** The clients of a view, by their numbers. */
export interface Clients {
  pages: ClientPages<ClientRowFragment>;
  /** Exact; null: not counted yet. */
  total: number | null;
  error: CombinedError | null;
  /** Others may be in the list by now. */
  reload: () => void;
}

/** Asks as long as the signal lets it. @throws {CombinedError} */
function askOnce<Data, Variables extends AnyVariables>(
  document: TypedDocumentNode<Data, Variables>,
  variables: Variables,
  signal: AbortSignal,
): Promise<Data> {
  return new Promise((resolve, reject) => {
    const { unsubscribe } = uncached
      .query(document, variables, { requestPolicy: 'network-only' })
      .subscribe(({ data, error }) => {
        // Else urql keeps the answer, and gives it again to whoever asks the same.
        queueMicrotask(() => unsubscribe());
        if (error || data === undefined) reject(error);
        else resolve(data);
      });
    signal.addEventListener('abort', () => {
      unsubscribe();
      reject(signal.reason);
    });
  });
}

/** Pages come as they are looked at; the count comes beside them, as it takes longer. */
export function useClients({ filter, orderBy }: ListView): Clients {
  const [error, setError] = useState<CombinedError | null>(null);
  const [total, setTotal] = useState<number | null>(null);
  const [generation, setGeneration] = useState(0);
  const store = useMemo(() => createStore(filter, orderBy, setError), [filter, orderBy]);
  useSyncExternalStore(store.subscribe, store.version);
  useEffect(() => {
    setTotal(null);
    setError(null);
    return () => store.pages.close();
  }, [store]);
  // biome-ignore lint/correctness/useExhaustiveDependencies: a new generation is counted anew
  useEffect(() => {
    const over = new AbortController();
    askOnce(CountOfClientsDocument, { filter }, over.signal).then(
      ({ clients }) => setTotal(clients.totalCount),
      (fault) => over.signal.aborted || setError(fault),
    );
    return () => over.abort();
  }, [filter, generation]);
  const reload = useCallback(() => {
    setError(null);
    store.pages.reload();
    setGeneration((old) => old + 1);
  }, [store]);
  return { pages: store.pages, total, error, reload };
}

function createStore(
  filter: ListView['filter'],
  orderBy: ListView['orderBy'],
  onError: (error: CombinedError) => void,
) {
  let version = 0;
  let notify = () => {};
  const pages = new ClientPages<ClientRowFragment>({
    load: async ({ after, skip }, signal) => {
      const { clients } = await askOnce(ClientsPageDocument, { first: PAGE, after, skip, filter, orderBy }, signal);
      return { rows: clients.edges.map(({ node }) => node), endCursor: clients.pageInfo.endCursor };
    },
    onChange: () => {
      version += 1;
      notify();
    },
    onError: (fault) =>
      onError(fault instanceof CombinedError ? fault : new CombinedError({ networkError: fault as Error })),
  });
  return {
    pages,
    version: () => version,
    subscribe: (watcher: () => void) => {
      notify = watcher;
      return () => {
        notify = () => {};
      };
    },
  };
}
