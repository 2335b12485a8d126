import { Text } from '@mantine/core';
import { notifications } from '@mantine/notifications';
import { useTranslation } from 'react-i18next';
import { useMutation } from 'urql';
import { type ClientRowFragment, DeleteClientDocument, RestoreClientDocument } from '../generated/graphql.js';
import { shownPhone } from '../ui/phone.js';
import { GraveButton } from './grave-button.js';
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
  const [{ fetching, error }, remove] = useMutation(DeleteClientDocument);
  const restore = useRestore(client, onRestored);
  const phone = shownPhone(client.phone);
  return (
    <GraveButton
      label={t('delete')}
      title={t('delete.title', { phone })}
      yes={t('delete.do', { phone })}
      isDoing={fetching}
      error={error}
      onYes={async () => (await remove({ id: client.id })).data?.clientDelete}
      onDone={() => {
        showUndoable(`deleted-${client.id}`, t('deleted', { phone }), () => void restore());
        onDone();
      }}
    >
      <Text>{t('delete.text')}</Text>
    </GraveButton>
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
