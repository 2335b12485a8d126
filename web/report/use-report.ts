import { useEffect, useState } from 'react';
import { askReport, type Look, nextLook, type Report } from './ask-report.js';

/** What is known by now: the last report that was seen, and what came of the last look. */
export interface Seen {
  report: Report | null;
  look: Look | null;
}

/**
 * Follows the report that the secret behind the # opens, asking again and again while the page is seen; another secret in
 * the address bar begins anew.
 */
export function useReport(): Seen {
  const [secret, setSecret] = useState(secretOfAddress);
  const [seen, setSeen] = useState<Seen>({ report: null, look: null });
  useEffect(() => {
    const follow = () => setSecret(secretOfAddress());
    addEventListener('hashchange', follow);
    return () => removeEventListener('hashchange', follow);
  }, []);
  useEffect(() => {
    setSeen({ report: null, look: null });
    return followReport(secret, (look) =>
      setSeen(({ report }) => ({ look, report: look.kind === 'report' ? look.report : report })),
    );
  }, [secret]);
  return seen;
}

function secretOfAddress(): string {
  return location.hash.slice(1);
}

/** @returns what ends it */
function followReport(secret: string, tell: (look: Look) => void): () => void {
  const over = new AbortController();
  let timer: ReturnType<typeof setTimeout> | undefined;
  const ask = async () => {
    const look = await askReport(secret, over.signal).catch(() => null);
    if (look === null || over.signal.aborted) return;
    tell(look);
    clearTimeout(timer);
    const next = nextLook(look);
    // A page that nobody sees asks nothing; it does at once when it is seen again.
    if (next !== null) timer = setTimeout(() => (document.hidden ? undefined : void ask()), next);
    else over.abort();
  };
  const onSeen = () => {
    if (!document.hidden) void ask();
  };
  document.addEventListener('visibilitychange', onSeen, { signal: over.signal });
  void ask();
  return () => {
    clearTimeout(timer);
    over.abort();
  };
}
