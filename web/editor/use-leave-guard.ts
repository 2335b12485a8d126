import { useEffect, useRef, useState } from 'react';
import { useLocation } from 'wouter';

/** Somebody is about to leave what is not saved. */
export interface LeaveGuard {
  /** Where to; null: nobody leaves. */
  to: string | null;
  stay: () => void;
  leave: () => void;
  /** Goes there without asking: what was typed is saved. */
  go: (path: string) => void;
}

/**
 * Asks before the page is left while something on it is not saved: links, the palette and shortcuts all go by
 * `history.pushState`, which wouter wraps as well. For a closed tab the browser asks. The way back by the browser's own
 * button is not held up: what was typed is kept, and is there again on return.
 */
export function useLeaveGuard(isDirty: boolean): LeaveGuard {
  const [, navigate] = useLocation();
  const [to, setTo] = useState<string | null>(null);
  const isFree = useRef(false);
  useEffect(() => {
    if (!isDirty) return;
    const ask = (event: BeforeUnloadEvent) => event.preventDefault();
    addEventListener('beforeunload', ask);
    const push = history.pushState;
    history.pushState = (...args: Parameters<typeof push>) => {
      if (isFree.current) push.apply(history, args);
      else setTo(String(args[2] ?? ''));
    };
    return () => {
      removeEventListener('beforeunload', ask);
      history.pushState = push;
    };
  }, [isDirty]);
  const go = (path: string) => {
    isFree.current = true;
    navigate(path);
  };
  return { to, stay: () => setTo(null), leave: () => go(to ?? '/'), go };
}
