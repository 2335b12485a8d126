import { useCallback } from 'react';
import { useSearchParams } from 'wouter';

/** The parts of the page, as its address names them. */
export const TABS = ['overview', 'messages', 'failures', 'history'] as const;
export type Tab = (typeof TABS)[number];

/** What of the mailing is looked at. It stands in the address, so that it can be sent to somebody, and Back leads back. */
export interface Place {
  tab: Tab;
  /** The message that is opened. */
  message: string | null;
  /** Shown to be read from across a room. */
  isBig: boolean;
}

/** Where one is on the page, and how to go elsewhere on it. */
export function usePlace(): [Place, (next: Partial<Place>) => void] {
  const [params, setParams] = useSearchParams();
  const go = useCallback(
    (next: Partial<Place>) =>
      setParams((before) => {
        const after = new URLSearchParams(before);
        if (next.tab !== undefined) {
          // Another part's filters mean nothing there.
          for (const name of [...after.keys()]) after.delete(name);
          if (next.tab !== 'overview') after.set('tab', next.tab);
        }
        if (next.message !== undefined) put(after, 'message', next.message);
        if (next.isBig !== undefined) put(after, 'screen', next.isBig ? 'big' : null);
        return after;
      }),
    [setParams],
  );
  const tab = TABS.find((one) => one === params.get('tab')) ?? 'overview';
  return [{ tab, message: params.get('message'), isBig: params.get('screen') === 'big' }, go];
}

function put(params: URLSearchParams, name: string, value: string | null): void {
  if (value === null) params.delete(name);
  else params.set(name, value);
}
