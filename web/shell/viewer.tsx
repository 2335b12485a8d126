import { createContext, useContext } from 'react';
import type { Permission, ViewerQuery } from '../generated/graphql.js';

/** Whoever is signed in. */
export type Viewer = ViewerQuery['viewer'];

export const ViewerContext = createContext<Viewer | null>(null);

/** Whoever is signed in. @throws {Error} outside of the shell, which shows nothing before it knows */
export function useViewer(): Viewer {
  const viewer = useContext(ViewerContext);
  if (viewer === null) throw new Error('useViewer needs the shell around it');
  return viewer;
}

/** Whether whoever is signed in may do it. What they may not do is not offered; the server refuses it all the same. */
export function useMay(permission: Permission): boolean {
  return useViewer().permissions.includes(permission);
}
