import { useEffect } from 'react';

/** Calls `again` every so many ms while the page is seen, and at once when it is seen again: for what nothing is pushed about. */
export function useRefreshed(again: () => void, everyMs: number): void {
  useEffect(() => {
    const look = () => {
      if (document.visibilityState === 'visible') again();
    };
    const timer = setInterval(look, everyMs);
    document.addEventListener('visibilitychange', look);
    return () => {
      clearInterval(timer);
      document.removeEventListener('visibilitychange', look);
    };
  }, [again, everyMs]);
}
