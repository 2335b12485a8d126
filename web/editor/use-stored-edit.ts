import { useEffect, useState } from 'react';
import { type EditorValues } from './form-values.js';
import { readStored, type StoredEdit } from './stored-edit.js';

/** ms without a change before it is written down. */
const WAIT = 400;

/** The edit that was left here, as it is found when the page opens. */
export function useFoundEdit(key: string, fresh: EditorValues): StoredEdit | null {
  const [found] = useState(() => readStored(localStorage.getItem(key), fresh, Date.now()));
  return found;
}

/** Keeps what is typed, and forgets it when it is saved or taken back. @param edit null: there is nothing to keep */
export function useKeptEdit(key: string, edit: Omit<StoredEdit, 'at'> | null): void {
  const written = edit && JSON.stringify(edit);
  useEffect(() => {
    if (written === null) {
      localStorage.removeItem(key);
      return;
    }
    const keep = () => {
      try {
        localStorage.setItem(key, JSON.stringify({ ...JSON.parse(written), at: Date.now() }));
      } catch {
        // The browser keeps nothing here: then the guard at leaving is all there is.
      }
    };
    const timer = setTimeout(keep, WAIT);
    addEventListener('pagehide', keep);
    return () => {
      clearTimeout(timer);
      removeEventListener('pagehide', keep);
    };
  }, [key, written]);
}

/** It is saved. */
export function forgetEdit(key: string): void {
  localStorage.removeItem(key);
}
