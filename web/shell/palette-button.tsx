import { Kbd, UnstyledButton, VisuallyHidden } from '@mantine/core';
import { spotlight } from '@mantine/spotlight';
import { IconSearch } from '@tabler/icons-react';
import { useTranslation } from 'react-i18next';

/** Opens the palette, which is loaded later than this (later.tsx). */
export function PaletteButton() {
  const { t } = useTranslation('shell');
  return (
    <UnstyledButton className="palette-button" onClick={spotlight.open}>
      <IconSearch size={18} aria-hidden />
      <VisuallyHidden>{t('palette.open')}</VisuallyHidden>
      <Kbd visibleFrom="md">Ctrl K</Kbd>
    </UnstyledButton>
  );
}
