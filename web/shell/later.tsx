import { lazy, Suspense } from 'react';
import { useCalm } from './use-calm.js';

const Overlays = lazy(() => import('./overlays.js'));

/**
 * What no first sight of a page needs, and any later moment may: notices, commands. What asked to be shown before they are loaded is
 * shown then, as both keep it in a store of their own.
 */
export function Later() {
  return useCalm() ? (
    <Suspense fallback={null}>
      <Overlays />
    </Suspense>
  ) : null;
}
