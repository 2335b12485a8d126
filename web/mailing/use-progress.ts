import { createContext, useContext } from 'react';
import type { ProgressCountsFragment } from '../generated/graphql.js';

/** The figures of the mailing whose page this is. They move several times a second: only what shows them is drawn then, and nothing around it. */
export const ProgressContext = createContext<ProgressCountsFragment | null>(null);

/** How far the mailing is by now. @throws {Error} outside of its page */
export function useProgress(): ProgressCountsFragment {
  const progress = useContext(ProgressContext);
  if (progress === null) throw new Error('useProgress needs a ProgressContext around it');
  return progress;
}
