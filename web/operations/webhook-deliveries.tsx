import { Button, Table, Text, VisuallyHidden } from '@mantine/core';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { useMutation } from 'urql';
import { type WebhookPartsFragment, WebhookRedeliverDocument } from '../generated/graphql.js';
import { useServerWords } from '../i18n/use-server-words.js';
import { useFormat } from '../ui/format.js';
import { Refused } from '../ui/refused.js';
import { useTroubleText } from '../ui/trouble.js';

type Delivery = WebhookPartsFragment['deliveries'][number];

/** What a webhook was told last, and what it answered. */
export function WebhookDeliveries({ webhook }: { webhook: WebhookPartsFragment }) {
  const { t } = useTranslation('operations');
  const sentence = useTroubleText();
  const [trouble, setTrouble] = useState<string | null>(null);
  const [{ fetching }, redeliver] = useMutation(WebhookRedeliverDocument);
  const again = async (deliveryId: string) => {
    const { data, error } = await redeliver({ id: webhook.id, deliveryId });
    setTrouble(error ? sentence(error) : (data?.webhookRedeliver.userErrors[0]?.message ?? null));
  };
  const { deliveries, enabled } = webhook;
  if (deliveries.length === 0) {
    return (
      <Text size="sm" mt="xs">
        {t('deliveries.none')}
      </Text>
    );
  }
  return (
    <details style={{ marginTop: '0.5rem' }}>
      <summary>{t('deliveries.title', { count: deliveries.length, n: deliveries.length })}</summary>
      <Refused mt="xs">{trouble}</Refused>
      <Table.ScrollContainer minWidth={640}>
        <Table className="figures">
          <Table.Thead>
            <Table.Tr>
              <Table.Th scope="col">{t('deliveries.event')}</Table.Th>
              <Table.Th scope="col">{t('deliveries.state')}</Table.Th>
              <Table.Th scope="col">{t('deliveries.answer')}</Table.Th>
              <Table.Th scope="col">
                <VisuallyHidden>{t('deliveries.act')}</VisuallyHidden>
              </Table.Th>
            </Table.Tr>
          </Table.Thead>
          <Table.Tbody>
            {deliveries.map((delivery) => (
              <DeliveryRow
                key={delivery.id}
                delivery={delivery}
                isHeld={fetching || !enabled}
                onAgain={() => void again(delivery.id)}
              />
            ))}
          </Table.Tbody>
        </Table>
      </Table.ScrollContainer>
    </details>
  );
}

interface RowProps {
  delivery: Delivery;
  isHeld: boolean;
  onAgain: () => void;
}

function DeliveryRow({ delivery, isHeld, onAgain }: RowProps) {
  const { t } = useTranslation('operations');
  const { exact, count } = useFormat();
  const inWords = useServerWords();
  const { event, at, status, tries, nextAt, answerStatus, answerBody, reason } = delivery;
  return (
    <Table.Tr>
      <Table.Th scope="row" fw={400}>
        <Text>{t(`event.${event}`)}</Text>
        <Text size="sm" c="dimmed">
          {exact(at)}
        </Text>
      </Table.Th>
      <Table.Td>
        <Text>{t(`delivery.${status}`)}</Text>
        <Text size="sm" c="dimmed">
          {t('deliveries.tries', { count: tries, n: count(tries) })}
          {nextAt ? ` · ${t('deliveries.next', { at: exact(nextAt) })}` : ''}
        </Text>
      </Table.Td>
      <Table.Td style={{ maxWidth: '20rem', overflowWrap: 'anywhere' }}>
        {answerStatus === null ? inWords(reason ?? '–') : `HTTP ${answerStatus}`}
        {answerBody ? (
          <Text size="sm" c="dimmed" lineClamp={2}>
            {answerBody}
          </Text>
        ) : null}
      </Table.Td>
      <Table.Td>
        <Button
          size="xs"
          variant="default"
          aria-label={t('deliveries.of', { event: t(`event.${event}`), at: exact(at) })}
          disabled={isHeld}
          onClick={onAgain}
        >
          {t('deliveries.again')}
        </Button>
      </Table.Td>
    </Table.Tr>
  );
}
