import { Kbd, UnstyledButton, VisuallyHidden } from '@mantine/core';
import { useHotkeys } from '@mantine/hooks';
import { spotlight } from '@mantine/spotlight';
import { IconSearch } from '@tabler/icons-react';
import { useTranslation } from 'react-i18next';
import { shortcutsAreOn } from './shortcuts.js';

/** Opens the palette, which is loaded later than this (later.tsx): also by its keys, which must not be lost until then. */
export function PaletteButton() {
  const { t } = useTranslation('shell');
  // By its place on the keyboard, for a Russian layout; also from within a field, as everywhere on the web.
  useHotkeys([['mod + K', spotlight.open, { usePhysicalKeys: true }]], []);
  useHotkeys(shortcutsAreOn() ? [['/', spotlight.open]] : []);
  return (
    <UnstyledButton className="palette-button" onClick={spotlight.open}>
      <IconSearch size={18} aria-hidden />
      <VisuallyHidden>{t('palette.open')}</VisuallyHidden>
      <Kbd visibleFrom="md">Ctrl K</Kbd>
    </UnstyledButton>
  );
}
