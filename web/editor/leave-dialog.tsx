import { Button, Group, Stack, Text } from '@mantine/core';
import { useTranslation } from 'react-i18next';
import { Dialog } from '../ui/dialog.js';
import type { LeaveGuard } from './use-leave-guard.js';

/** Whoever leaves what is not saved is asked whether that is meant. */
export function LeaveDialog({ guard }: { guard: LeaveGuard }) {
  const { t } = useTranslation('editor');
  return (
    <Dialog opened={guard.to !== null} onClose={guard.stay} title={t('leave.title')}>
      <Stack gap="md">
        <Text>{t('leave.text')}</Text>
        <Group justify="flex-end">
          <Button variant="default" onClick={guard.leave}>
            {t('leave.yes')}
          </Button>
          <Button data-autofocus onClick={guard.stay}>
            {t('leave.no')}
          </Button>
        </Group>
      </Stack>
    </Dialog>
  );
}
