import { Button, List, Text } from '@mantine/core';
import { notifications } from '@mantine/notifications';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { useMutation } from 'urql';
import { type ClientRowFragment, EraseClientDocument } from '../generated/graphql.js';
import { Confirm } from '../ui/confirm.js';
import { useFormat } from '../ui/format.js';
import { shownPhone } from '../ui/phone.js';

/** What is said to become of what, in this order. */
const PARTS = ['person', 'messages', 'open', 'optOut', 'elsewhere'] as const;

/** Erases what is known of a person, after it has been said what that means; the page then tells that it was done. */
export function EraseClientButton({ client }: { client: Pick<ClientRowFragment, 'id' | 'phone'> }) {
  const { t } = useTranslation('clients');
  const { count } = useFormat();
  const [asking, setAsking] = useState(false);
  const [refused, setRefused] = useState<string | null>(null);
  const [{ fetching, error }, erase] = useMutation(EraseClientDocument);
  const phone = shownPhone(client.phone);
  const confirm = async () => {
    const { data } = await erase({ id: client.id });
    if (!data) return;
    const { messages, userErrors } = data.clientErase;
    setRefused(userErrors[0]?.message ?? null);
    if (userErrors.length > 0) return;
    setAsking(false);
    notifications.show({ message: t('erase.done', { count: messages, n: count(messages) }) });
  };
  return (
    <>
      <Button variant="outline" color="red" onClick={() => setAsking(true)}>
        {t('erase')}
      </Button>
      <Confirm
        opened={asking}
        title={t('erase.title', { phone })}
        size="lg"
        no={t('cancel')}
        yes={t('erase.do')}
        first="no"
        isGrave
        isDoing={fetching}
        {...{ error, refused }}
        onClose={() => setAsking(false)}
        onYes={confirm}
      >
        <List size="sm" spacing="xs">
          {PARTS.map((part) => (
            <List.Item key={part}>{t(`erase.${part}`)}</List.Item>
          ))}
        </List>
        <Text fw={600}>{t('erase.forGood')}</Text>
      </Confirm>
    </>
  );
}
