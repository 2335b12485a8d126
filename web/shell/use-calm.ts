import { useEffect, useState } from 'react';

/** ms; a browser that is never idle is taken for calm then. */
const AT_LAST = 2_000;

/** Whether the browser has been idle since this was first drawn: then it may load what no first sight of a page needs. */
export function useCalm(): boolean {
  const [calm, setCalm] = useState(false);
  useEffect(() => {
    const id = requestIdleCallback(() => setCalm(true), { timeout: AT_LAST });
    return () => cancelIdleCallback(id);
  }, []);
  return calm;
}
