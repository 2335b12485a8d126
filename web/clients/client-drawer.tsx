import { Drawer } from '@mantine/core';
import { useTranslation } from 'react-i18next';
import type { ClientRowFragment } from '../generated/graphql.js';
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
  return (
    <Drawer
      opened={client !== null}
      onClose={onClose}
      position="right"
      size="md"
      title={client === 'new' || client === null ? t('new') : t('editOne', { phone: shownPhone(client.phone) })}
      closeButtonProps={{ 'aria-label': t('close') }}
    >
      {client === null ? null : (
        <ClientFields
          key={client === 'new' ? 'new' : `${client.id} ${client.revision}`}
          client={client === 'new' ? null : client}
          onClose={onClose}
          onDone={onDone}
        />
      )}
    </Drawer>
  );
}
