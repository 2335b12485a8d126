import { createContext, memo, type ReactNode, useCallback, useContext, useEffect, useMemo } from 'react';
import { type UseQueryState, useQuery, useSubscription } from 'urql';
import {
  SteeredMailingChangedDocument,
  SteeredMailingDocument,
  type SteeredMailingFragment,
  type SteeredMailingQuery,
} from '../generated/graphql.js';
import { useAskedAgain } from './use-asked-again.js';

/** What the parts of this room show of a mailing, and ask again. */
export interface Steered {
  id: string;
  /** Undefined: not known yet, or there is none. */
  mailing: SteeredMailingFragment | undefined;
  state: UseQueryState<SteeredMailingQuery>;
  ask: () => void;
}

/** ms; why a mailing waits is asked for again no more often than this. */
const WAITING_EVERY = 3_000;

const SteeredContext = createContext<Steered | null>(null);

/**
 * Asks once for all parts of this room what they show, as it is by now; its figures are followed by the page around it. What it
 * waits for may change with no change of the mailing (a limit that is used up, an outage): it is asked for again when the figures move.
 */
export function SteeredProvider({ mailingId, children }: { mailingId: string; children: ReactNode }) {
  const [state, execute] = useQuery({ query: SteeredMailingDocument, variables: { id: mailingId } });
  const mailing = state.data?.mailing ?? undefined;
  const isOver = mailing?.status === 'COMPLETED' || (mailing?.status === 'CANCELLED' && mailing.progress.open === 0);
  const ask = useCallback(() => execute({ requestPolicy: 'network-only' }), [execute]);
  useAskedAgain(mailing && !isOver ? pulse(mailing) : null, ask, WAITING_EVERY);
  useAtLapse(mailing, ask);
  const steered = useMemo(() => ({ id: mailingId, mailing, state, ask }), [mailingId, mailing, state, ask]);
  return (
    <SteeredContext value={steered}>
      <FollowChanges mailingId={mailingId} />
      {children}
    </SteeredContext>
  );
}

/** The mailing that is steered. @throws {Error} outside of its provider */
export function useSteered(): Steered {
  const steered = useContext(SteeredContext);
  if (steered === null) throw new Error('useSteered needs a SteeredProvider around it');
  return steered;
}

/** Its events go to the cache. It draws nothing, so that an event has nothing drawn but what changed by it. */
const FollowChanges = memo(function FollowChanges({ mailingId }: { mailingId: string }) {
  useSubscription({ query: SteeredMailingChangedDocument, variables: { ids: [mailingId] } });
  return null;
});

/** What moves when a mailing begins or stops to wait for something. */
function pulse({ status, progress }: SteeredMailingFragment): string {
  const { enqueued, delayed, sending, ratePerSecond, eta } = progress;
  return [status, enqueued, delayed, sending, ratePerSecond > 0, eta !== null].join(' ');
}

/** ms; the longest that a browser's timer keeps. */
const LONGEST_TIMER = 2 ** 31 - 1;

/** When the first thing that it waits for has come, it waits for something else. */
function useAtLapse(mailing: SteeredMailingFragment | undefined, ask: () => void): void {
  const next = mailing?.waiting.map(({ until }) => until).find((until) => until !== null);
  useEffect(() => {
    const left = next ? Date.parse(next) - Date.now() : 0;
    if (left <= 0) return;
    const timer = setTimeout(ask, Math.min(left + 1_000, LONGEST_TIMER));
    return () => clearTimeout(timer);
  }, [next, ask]);
}
