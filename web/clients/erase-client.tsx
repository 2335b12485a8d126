import { List, Text } from '@mantine/core';
import { notifications } from '@mantine/notifications';
import { useTranslation } from 'react-i18next';
import { useMutation } from 'urql';
import { type ClientRowFragment, EraseClientDocument } from '../generated/graphql.js';
import { useFormat } from '../ui/format.js';
import { shownPhone } from '../ui/phone.js';
import { GraveButton } from './grave-button.js';

/** What is said to become of what, in this order. */
const PARTS = ['person', 'messages', 'open', 'optOut', 'elsewhere'] as const;

/** Erases what is known of a person, after it has been said what that means; the page then tells that it was done. */
export function EraseClientButton({ client }: { client: Pick<ClientRowFragment, 'id' | 'phone'> }) {
  const { t } = useTranslation('clients');
  const { count } = useFormat();
  const [{ fetching, error }, erase] = useMutation(EraseClientDocument);
  return (
    <GraveButton
      label={t('erase')}
      title={t('erase.title', { phone: shownPhone(client.phone) })}
      yes={t('erase.do')}
      size="lg"
      isDoing={fetching}
      error={error}
      onYes={async () => (await erase({ id: client.id })).data?.clientErase}
      onDone={({ messages }) =>
        notifications.show({ message: t('erase.done', { count: messages, n: count(messages) }) })
      }
    >
      <List size="sm" spacing="xs">
        {PARTS.map((part) => (
          <List.Item key={part}>{t(`erase.${part}`)}</List.Item>
        ))}
      </List>
      <Text fw={600}>{t('erase.forGood')}</Text>
    </GraveButton>
  );
}
