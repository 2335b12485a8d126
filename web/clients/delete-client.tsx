import { Button, Group, Modal, Stack, Text } from '@mantine/core';
import { notifications } from '@mantine/notifications';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { useMutation } from 'urql';
import { type ClientRowFragment, DeleteClientDocument } from '../generated/graphql.js';
import { shownPhone } from '../ui/phone.js';
import { Trouble } from '../ui/trouble.js';

interface Props {
  client: Pick<ClientRowFragment, 'id' | 'phone'>;
  onDone: () => void;
}

/** Deletes one client, after it has been said what that means. */
export function DeleteClientButton({ client, onDone }: Props) {
  const { t } = useTranslation('clients');
  const [asking, setAsking] = useState(false);
  const [{ fetching, error }, remove] = useMutation(DeleteClientDocument);
  const phone = shownPhone(client.phone);
  const confirm = async () => {
    const { data } = await remove({ id: client.id });
    if (!data) return;
    const [problem] = data.clientDelete.userErrors;
    setAsking(false);
    notifications.show({ message: problem?.message ?? t('deleted', { phone }) });
    if (!problem) onDone();
  };
  return (
    <>
      <Button variant="outline" color="red" onClick={() => setAsking(true)}>
        {t('delete')}
      </Button>
      <Modal
        opened={asking}
        onClose={() => setAsking(false)}
        title={t('delete.title', { phone })}
        closeButtonProps={{ 'aria-label': t('close') }}
      >
        <Stack gap="md">
          <Text>{t('delete.text')}</Text>
          {error ? <Trouble error={error} /> : null}
          <Group justify="flex-end">
            <Button variant="default" data-autofocus onClick={() => setAsking(false)}>
              {t('cancel')}
            </Button>
            <Button color="red" loading={fetching} onClick={() => void confirm()}>
              {t('delete.do', { phone })}
            </Button>
          </Group>
        </Stack>
      </Modal>
    </>
  );
}
