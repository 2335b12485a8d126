import { Alert, Button, Group, Modal, Stack } from '@mantine/core';
import type { ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import type { CombinedError } from 'urql';
import { Trouble } from '../ui/trouble.js';

interface ConfirmProps {
  title: string;
  /** What the button says that does it. */
  doIt: string;
  isGrave?: boolean;
  opened: boolean;
  isDoing: boolean;
  error?: CombinedError | undefined;
  refused?: string | undefined;
  onClose: () => void;
  onDo: () => void;
  /** What will happen. */
  children: ReactNode;
}

/** Asks once more before something that all mailings feel. */
export function Confirm({
  title,
  doIt,
  isGrave,
  opened,
  isDoing,
  error,
  refused,
  onClose,
  onDo,
  children,
}: ConfirmProps) {
  const { t } = useTranslation('operations');
  return (
    <Modal opened={opened} onClose={onClose} title={<b>{title}</b>} centered>
      <Stack gap="md">
        {children}
        {error ? <Trouble error={error} /> : null}
        {refused === undefined ? null : (
          <Alert role="alert" color="red" variant="outline">
            {refused}
          </Alert>
        )}
        <Group justify="flex-end">
          <Button variant="default" onClick={onClose}>
            {t('back')}
          </Button>
          <Button color={isGrave ? 'red' : 'blue'} loading={isDoing} onClick={onDo}>
            {doIt}
          </Button>
        </Group>
      </Stack>
    </Modal>
  );
}
