import { Button, Group, Skeleton, Stack, Text } from '@mantine/core';
import { useCallback, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { useMutation, useQuery } from 'urql';
import {
  WebhookDeleteDocument,
  type WebhookPartsFragment,
  WebhooksDocument,
  WebhookTestDocument,
  WebhookUpdateDocument,
} from '../generated/graphql.js';
import { useServerWords } from '../i18n/use-server-words.js';
import { Confirm } from '../ui/confirm.js';
import { useFormat } from '../ui/format.js';
import { Refused } from '../ui/refused.js';
import { Trouble, useTroubleText } from '../ui/trouble.js';
import { Section } from './section.js';
import { useRefreshed } from './use-refreshed.js';
import { WebhookDeliveries } from './webhook-deliveries.js';
import { WebhookForm } from './webhook-form.js';

/** How often it is asked what was answered, ms. */
const EVERY = 3_000;

/** Programs of others that are told what happens here: for who may manage them. */
export function Webhooks() {
  const { t } = useTranslation('operations');
  const [{ data, error }, ask] = useQuery({ query: WebhooksDocument, requestPolicy: 'cache-and-network' });
  const [isMaking, setMaking] = useState(false);
  const again = useCallback(() => ask({ requestPolicy: 'network-only' }), [ask]);
  useRefreshed(again, EVERY);
  const add = (
    <Button variant="default" size="xs" onClick={() => setMaking(true)}>
      {t('webhooks.new')}
    </Button>
  );
  return (
    <Section title={t('webhooks.title')} actions={add}>
      <Text c="dimmed" mb="sm">
        {t('webhooks.text')}
      </Text>
      {error ? <Trouble error={error} onAgain={again} /> : null}
      {data === undefined && !error ? <Skeleton height={60} /> : null}
      {data?.webhooks.length === 0 ? <Text>{t('webhooks.none')}</Text> : null}
      <Stack component="ul" gap="lg" m={0} p={0} style={{ listStyle: 'none' }}>
        {data?.webhooks.map((webhook) => (
          <OneWebhook key={webhook.id} webhook={webhook} />
        ))}
      </Stack>
      <WebhookForm opened={isMaking} webhook={null} onClose={() => setMaking(false)} />
    </Section>
  );
}

function OneWebhook({ webhook }: { webhook: WebhookPartsFragment }) {
  const { t } = useTranslation('operations');
  const { moment } = useFormat();
  const inWords = useServerWords();
  const { url, events, enabled, disabledReason, createdAt, createdBy } = webhook;
  return (
    <li>
      <Text fw={600} style={{ overflowWrap: 'anywhere' }}>
        {url}
      </Text>
      {enabled ? null : (
        <Text size="sm" fw={600} c="var(--expired)">
          {t('webhooks.disabled')}
          {disabledReason ? ` ${inWords(disabledReason)}` : ''}
        </Text>
      )}
      <Text size="sm">{t('webhooks.told', { events: events.map((event) => t(`event.${event}`)).join(' · ') })}</Text>
      <Text size="sm" c="dimmed">
        {t('webhooks.made', { at: moment(createdAt), by: createdBy })}
      </Text>
      <WebhookActs webhook={webhook} />
      <WebhookDeliveries webhook={webhook} />
    </li>
  );
}

function WebhookActs({ webhook }: { webhook: WebhookPartsFragment }) {
  const { t } = useTranslation('operations');
  const sentence = useTroubleText();
  const [open, setOpen] = useState<'edit' | 'delete' | null>(null);
  const [trouble, setTrouble] = useState<string | null>(null);
  const [testing, test] = useMutation(WebhookTestDocument);
  const [updating, update] = useMutation(WebhookUpdateDocument);
  const { id, url, enabled } = webhook;
  const onTest = async () => {
    const { data, error } = await test({ id });
    setTrouble(error ? sentence(error) : (data?.webhookTest.userErrors[0]?.message ?? null));
  };
  const onSwitch = async () => {
    const { data, error } = await update({ id, input: { enabled: !enabled } });
    setTrouble(error ? sentence(error) : (data?.webhookUpdate.userErrors[0]?.message ?? null));
  };
  const named = (word: 'test' | 'edit' | 'delete' | 'enable' | 'disable') => ({
    'aria-label': t('webhooks.of', { act: t(`webhooks.${word}`), url }),
    children: t(`webhooks.${word}`),
    size: 'xs' as const,
    variant: 'default',
  });
  return (
    <>
      <Group gap="xs" mt="xs">
        <Button {...named('test')} disabled={!enabled} loading={testing.fetching} onClick={() => void onTest()} />
        <Button {...named('edit')} onClick={() => setOpen('edit')} />
        <Button
          {...named(enabled ? 'disable' : 'enable')}
          loading={updating.fetching}
          onClick={() => void onSwitch()}
        />
        <Button {...named('delete')} onClick={() => setOpen('delete')} />
      </Group>
      <Refused mt="xs">{trouble}</Refused>
      <WebhookForm key={url} opened={open === 'edit'} webhook={webhook} onClose={() => setOpen(null)} />
      <DeleteWebhook webhook={webhook} opened={open === 'delete'} onClose={() => setOpen(null)} />
    </>
  );
}

interface DeleteProps {
  webhook: WebhookPartsFragment;
  opened: boolean;
  onClose: () => void;
}

function DeleteWebhook({ webhook, opened, onClose }: DeleteProps) {
  const { t } = useTranslation('operations');
  const [{ data, error, fetching }, remove] = useMutation(WebhookDeleteDocument);
  const waiting = webhook.deliveries.filter(({ status }) => status === 'WAITING').length;
  return (
    <Confirm
      {...{ opened, onClose, error }}
      title={t('webhooks.deleteTitle')}
      no={t('back')}
      yes={t('webhooks.delete')}
      first="no"
      isGrave
      isDoing={fetching}
      refused={data?.webhookDelete.userErrors[0]?.message}
      onYes={() => void remove({ id: webhook.id })}
    >
      <Text style={{ overflowWrap: 'anywhere' }}>{t('webhooks.deleteText', { url: webhook.url })}</Text>
      {waiting > 0 ? <Text>{t('webhooks.deleteWaiting', { count: waiting, n: waiting })}</Text> : null}
    </Confirm>
  );
}
