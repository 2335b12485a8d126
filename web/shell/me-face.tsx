import { UnstyledButton } from '@mantine/core';
import { IconUserCircle } from '@tabler/icons-react';
import type { ComponentProps } from 'react';
import { useTranslation } from 'react-i18next';

/** The button of one's own menu, with the menu or before it is loaded. */
export function MeFace(props: ComponentProps<typeof UnstyledButton<'button'>>) {
  const { t } = useTranslation('shell');
  return (
    <UnstyledButton {...props} aria-label={t('me.menu')} className="palette-button">
      <IconUserCircle size={24} aria-hidden />
    </UnstyledButton>
  );
}
