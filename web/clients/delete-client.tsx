import { Button, Text } from '@mantine/core';
import { notifications } from '@mantine/notifications';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { useMutation } from 'urql';
import { type ClientRowFragment, DeleteClientDocument, RestoreClientDocument } from '../generated/graphql.js';
import { Confirm } from '../ui/confirm.js';
import { shownPhone } from '../ui/phone.js';
import { showUndoable } from './undoable.js';

interface Props {
  client: Pick<ClientRowFragment, 'id' | 'phone'>;
  onDone: () => void;
  /** It was taken back. */
  onRestored: () => void;
}

/** Deletes one client, after it has been said what that means, and brings it back on a click. */
export function DeleteClientButton({ client, onDone, onRestored }: Props) {
  const { t } = useTranslation('clients');
  const [asking, setAsking] = useState(false);
  const [refused, setRefused] = useState<string | null>(null);
  const [{ fetching, error }, remove] = useMutation(DeleteClientDocument);
  const restore = useRestore(client, onRestored);
  const phone = shownPhone(client.phone);
  const confirm = async () => {
    const { data } = await remove({ id: client.id });
    if (!data) return;
    setRefused(data.clientDelete.userErrors[0]?.message ?? null);
    if (data.clientDelete.userErrors.length > 0) return;
    setAsking(false);
    showUndoable(`deleted-${client.id}`, t('deleted', { phone }), () => void restore());
    onDone();
  };
  return (
    <>
      <Button variant="outline" color="red" onClick={() => setAsking(true)}>
        {t('delete')}
      </Button>
      <Confirm
        opened={asking}
        title={t('delete.title', { phone })}
        no={t('cancel')}
        yes={t('delete.do', { phone })}
        first="no"
        isGrave
        isDoing={fetching}
        {...{ error, refused }}
        onClose={() => setAsking(false)}
        onYes={confirm}
      >
        <Text>{t('delete.text')}</Text>
      </Confirm>
    </>
  );
}

/** Works wherever one has gone by then. */
function useRestore({ id, phone }: Props['client'], onRestored: () => void): () => Promise<void> {
  const { t } = useTranslation('clients');
  const [, restore] = useMutation(RestoreClientDocument);
  return async () => {
    const { data, error } = await restore({ id });
    const problem = error?.message ?? data?.clientRestore.userErrors[0]?.message;
    notifications.show({ message: problem ?? t('restored', { phone: shownPhone(phone) }) });
    if (problem === undefined) onRestored();
  };
}
