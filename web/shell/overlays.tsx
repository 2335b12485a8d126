import { Notifications } from '@mantine/notifications';
import { useCallback, useState } from 'react';
import { Palette } from './palette.js';
import { ShortcutsHelp } from './shortcuts-help.js';
import { useShortcuts } from './use-shortcuts.js';

/** What lies over a page, and the keys that open it. */
export default function Overlays() {
  const [helping, setHelping] = useState(false);
  const help = useCallback(() => setHelping(true), []);
  useShortcuts(help);
  return (
    <>
      <Notifications position="bottom-right" />
      <Palette onHelp={help} />
      <ShortcutsHelp opened={helping} onClose={() => setHelping(false)} />
    </>
  );
}
