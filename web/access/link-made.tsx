import { Button, Stack, Text } from '@mantine/core';
import { useTranslation } from 'react-i18next';
import { Dialog } from '../ui/dialog.js';
import { SecretLine } from './secret-line.js';

interface Props {
  opened: boolean;
  /** Null: it was mailed. */
  link: string | null;
  email: string;
  onClose: () => void;
  /** When it is out of sight. */
  onClosed: () => void;
}

/** The link to a password: to be handed to its owner now, or on its way by mail. */
export function LinkMade({ opened, link, email, onClose, onClosed }: Props) {
  const { t } = useTranslation('access');
  return (
    <Dialog
      opened={opened}
      onClose={onClose}
      onExitTransitionEnd={onClosed}
      title={t('users.linkReady')}
      closeOnClickOutside={false}
    >
      <Stack>
        {link === null ? (
          <Text role="status">{t('users.mailed', { email })}</Text>
        ) : (
          <SecretLine label={t('users.linkFor', { email })} once={t('users.linkOnce')} value={link} />
        )}
        <Button onClick={onClose}>{t('done')}</Button>
      </Stack>
    </Dialog>
  );
}
