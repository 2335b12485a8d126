import { Drawer } from '@mantine/core';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { useClient } from 'urql';
import { type ClientRowFragment, OneClientDocument } from '../generated/graphql.js';
import { shownPhone } from '../ui/phone.js';
import { ClientFields } from './client-fields.js';

interface Props {
  /** Null: closed. */
  client: ClientRowFragment | 'new' | null;
  onClose: () => void;
  /** Told when something was changed: the client as it is now, or null when one came or went. */
  onDone: (changed: ClientRowFragment | null) => void;
}

/** One client to be written or changed, beside the list. */
export function ClientDrawer({ client, onClose, onDone }: Props) {
  const { t } = useTranslation('clients');
  const urql = useClient();
  const [fresh, setFresh] = useState<ClientRowFragment | null>(null);
  const given = client === 'new' ? null : client;
  // What was loaded anew is newer than what the list knows.
  const shown = given !== null && fresh?.id === given.id && fresh.revision > given.revision ? fresh : given;
  const load = async (id: string) => {
    const { data } = await urql.query(OneClientDocument, { id }, { requestPolicy: 'network-only' }).toPromise();
    if (data?.client) setFresh(data.client);
  };
  return (
    <Drawer
      opened={client !== null}
      onClose={onClose}
      position="right"
      size="md"
      title={shown === null ? t('new') : t('editOne', { phone: shownPhone(shown.phone) })}
      closeButtonProps={{ 'aria-label': t('close') }}
    >
      {client === null ? null : (
        <ClientFields
          key={shown === null ? 'new' : `${shown.id} ${shown.revision}`}
          client={shown}
          onFresh={() => void (shown && load(shown.id))}
          onClose={onClose}
          onDone={onDone}
        />
      )}
    </Drawer>
  );
}
