import { lazy, Suspense, useEffect, useState } from 'react';

const Overlays = lazy(() => import('./overlays.js'));

/** ms; a browser that is never idle gets them then. */
const AT_LAST = 2_000;

/**
 * What no first sight of a page needs, and any later moment may: notices, commands. Loaded once the browser is idle; what asked to be
 * shown before that is shown then, as both keep it in a store of their own.
 */
export function Later() {
  const [due, setDue] = useState(false);
  useEffect(() => {
    const id = requestIdleCallback(() => setDue(true), { timeout: AT_LAST });
    return () => cancelIdleCallback(id);
  }, []);
  return due ? (
    <Suspense fallback={null}>
      <Overlays />
    </Suspense>
  ) : null;
}
