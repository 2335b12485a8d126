import { useEffect } from 'react';
import { TOLD } from '../ui/told.js';
import { useMay } from './viewer.js';

/** Goes on watching the mailings that somebody wants to hear of, on whatever page; what that takes is loaded only then. */
export function useTold(): void {
  const mayRead = useMay('MAILINGS_READ');
  useEffect(() => {
    if (!mayRead || localStorage.getItem(TOLD) === null) return;
    void import('../steer/tell-when-done.js').then(({ watchTold }) => watchTold());
  }, [mayRead]);
}
