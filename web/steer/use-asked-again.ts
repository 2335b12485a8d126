import { useEffect, useRef } from 'react';

/**
 * Asks again whenever what it hangs on has changed: at once, then no more often than `every` ms. It is told by events what has
 * changed, and asks nothing while nothing does.
 *
 * @param hangsOn null: nothing is asked
 */
export function useAskedAgain(hangsOn: string | null, ask: () => void, every: number): void {
  const seen = useRef<string | null>(null);
  const askedAt = useRef(0);
  const latest = useRef(ask);
  latest.current = ask;
  useEffect(() => {
    if (hangsOn === null || hangsOn === seen.current) return;
    const isFirst = seen.current === null;
    if (isFirst) {
      // What is shown has only just been asked for.
      seen.current = hangsOn;
      askedAt.current = Date.now();
      return;
    }
    const wait = Math.max(0, askedAt.current + every - Date.now());
    const timer = setTimeout(() => {
      seen.current = hangsOn;
      askedAt.current = Date.now();
      latest.current();
    }, wait);
    return () => clearTimeout(timer);
  }, [hangsOn, every]);
}
