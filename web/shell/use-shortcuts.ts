import { useEffect } from 'react';
import { useLocation } from 'wouter';
import { type Press, shortcutOf, shortcutsAreOn } from './shortcuts.js';
import { useViewer } from './viewer.js';

/** Follows the keys of shortcuts.ts, but for those that are typed into something. `onHelp` is asked for by `?`. */
export function useShortcuts(onHelp: () => void): void {
  const [, go] = useLocation();
  const { permissions } = useViewer();
  useEffect(() => {
    let last: Press | null = null;
    const onKey = (event: KeyboardEvent) => {
      if (event.ctrlKey || event.metaKey || event.altKey || event.repeat) return;
      if (isTypedInto(event.target) || !shortcutsAreOn()) return;
      if (event.key === '?') return onHelp();
      const press = { code: event.code, at: event.timeStamp };
      const found = shortcutOf(last, press);
      last = found ? null : press;
      if (found === null || (found.needs && !permissions.includes(found.needs))) return;
      event.preventDefault();
      go(found.path);
    };
    addEventListener('keydown', onKey);
    return () => removeEventListener('keydown', onKey);
  }, [go, onHelp, permissions]);
}

/** Also a dialog: what is under it stays as it is. */
function isTypedInto(target: EventTarget | null): boolean {
  return (
    target instanceof Element && target.closest('input, textarea, select, [contenteditable], [role="dialog"]') !== null
  );
}
