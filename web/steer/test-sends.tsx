import './words.js';
import { Button, Code, Group, SegmentedControl, Select, Stack, Text, TextInput, Title } from '@mantine/core';
import { useForm } from '@mantine/form';
import { useEffect, useRef, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { useMutation, useQuery } from 'urql';
import { freshKey } from '../api/fresh-key.js';
import {
  SendTestDocument,
  type SteeredMailingFragment,
  TestRecipientsDocument,
  type TestSendFragment,
  TestSendsDocument,
} from '../generated/graphql.js';
import { useServerWords } from '../i18n/use-server-words.js';
import { useMay } from '../shell/viewer.js';
import { useFormat } from '../ui/format.js';
import { Refused } from '../ui/refused.js';
import { MessageStatusBadge } from '../ui/status-badge.js';
import { troubleText } from '../ui/trouble.js';
import { usePhone } from '../ui/use-phone.js';

/** ms; no subscription tells of test sends, so they are looked at again while one is on its way. */
const LOOK_EVERY = 1_500;
const ON_THE_WAY: readonly string[] = ['ENQUEUED', 'DELAYED', 'SENDING'];

/** Sends the text to one person to try it out, and shows what became of it. It is in no count of the mailing. */
export default function TestSends({ mailing }: { mailing: SteeredMailingFragment }) {
  const { t } = useTranslation('steer');
  const [{ data }, ask] = useQuery({
    query: TestSendsDocument,
    variables: { id: mailing.id },
    requestPolicy: 'cache-and-network',
  });
  const sends = data?.mailing?.testSends.edges.map(({ node }) => node) ?? [];
  const isOnTheWay = sends.some(({ status }) => ON_THE_WAY.includes(status));
  useEffect(() => {
    if (!isOnTheWay) return;
    const timer = setInterval(() => ask({ requestPolicy: 'network-only' }), LOOK_EVERY);
    return () => clearInterval(timer);
  }, [isOnTheWay, ask]);
  return (
    <Stack gap="md">
      <Text c="dimmed">{t('test.text')}</Text>
      <TestForm mailing={mailing} onSent={() => ask({ requestPolicy: 'network-only' })} />
      {sends.length > 0 ? (
        <section aria-label={t('test.list')}>
          <Title order={3} size="h5" mb="xs">
            {t('test.list')}
          </Title>
          <Stack component="ul" gap="sm" p={0} m={0} style={{ listStyle: 'none' }} aria-live="polite">
            {sends.map((send) => (
              <SentTest key={send.id} send={send} />
            ))}
          </Stack>
        </section>
      ) : null}
    </Stack>
  );
}

function SentTest({ send }: { send: TestSendFragment }) {
  const { moment } = useFormat();
  const phoneOf = usePhone();
  const inWords = useServerWords();
  return (
    <li>
      <Group gap="sm">
        <MessageStatusBadge status={send.status} />
        <Text className="figures">{phoneOf(send.phone)}</Text>
        <Text size="sm" c="dimmed">
          {moment(send.sentAt ?? send.createdAt)}
        </Text>
      </Group>
      {send.reason && send.status !== 'SENT' ? (
        <Text size="sm">
          {send.gatewayCode === null ? '' : `HTTP ${send.gatewayCode}: `}
          {inWords(send.reason)}
        </Text>
      ) : null}
      {send.text ? (
        <Code block mt={4} style={{ whiteSpace: 'pre-wrap' }}>
          {send.text}
        </Code>
      ) : null}
    </li>
  );
}

type Way = 'phone' | 'client';

function TestForm({ mailing, onSent }: { mailing: SteeredMailingFragment; onSent: () => void }) {
  const { t } = useTranslation('steer');
  const mayPhones = useMay('CLIENTS_PHONES');
  const mayClients = useMay('CLIENTS_READ');
  const [way, setWay] = useState<Way>(mayPhones ? 'phone' : 'client');
  const first = useRef<HTMLInputElement>(null);
  // The dialog may have been open, and empty, while this was loaded.
  useEffect(() => first.current?.focus(), []);
  const { form, send, fetching, trouble } = useSendTest(mailing.id, way, onSent);
  return (
    <form onSubmit={form.onSubmit(send)} noValidate>
      <Stack gap="sm">
        {mayPhones && mayClients ? (
          <SegmentedControl
            aria-label={t('test.way')}
            value={way}
            onChange={(value) => setWay(value as Way)}
            data={[
              { value: 'phone', label: t('test.phone') },
              { value: 'client', label: t('test.client') },
            ]}
          />
        ) : null}
        {way === 'phone' ? (
          <TextInput
            label={t('test.phoneLabel')}
            ref={first}
            data-autofocus
            description={t('test.phoneHelp')}
            type="tel"
            autoComplete="tel"
            required
            {...form.getInputProps('phone')}
          />
        ) : (
          <ClientChoice mailing={mailing} {...form.getInputProps('clientId')} />
        )}
        <Refused>{trouble}</Refused>
        <Group justify="flex-end">
          <Button type="submit" loading={fetching}>
            {t('test.send')}
          </Button>
        </Group>
      </Stack>
    </form>
  );
}

interface ClientChoiceProps {
  mailing: SteeredMailingFragment;
  value?: string;
  onChange?: (value: string | null) => void;
  error?: unknown;
}

/** Some of those whom the mailing goes to. */
function ClientChoice({ mailing, value, onChange, error }: ClientChoiceProps) {
  const { t } = useTranslation('steer');
  const { operatorCodes, tagsAll, tagsAny, timeZones } = mailing.filter;
  const [{ data }] = useQuery({
    query: TestRecipientsDocument,
    variables: { filter: { operatorCodes, tagsAll, tagsAny, timeZones } },
  });
  const options = (data?.audience.sample ?? []).map(({ id, phone, timeZone, tags }) => ({
    value: id,
    label: [phone, timeZone, tags.join(', ')].filter(Boolean).join(' · '),
  }));
  return (
    <Select
      label={t('test.clientLabel')}
      description={t('test.clientHelp')}
      data={options}
      searchable
      required
      nothingFoundMessage={t('test.nobody')}
      value={value || null}
      onChange={onChange ?? (() => undefined)}
      error={error as string | undefined}
    />
  );
}

function useSendTest(id: string, way: Way, onSent: () => void) {
  const { t } = useTranslation('steer');
  const { t: shell } = useTranslation('shell');
  const form = useForm({
    initialValues: { phone: '', clientId: '' },
    validate: {
      phone: (value) => (way === 'phone' && value.trim() === '' ? t('test.needPhone') : null),
      clientId: (value) => (way === 'client' && !value ? t('test.needClient') : null),
    },
  });
  const [{ fetching }, execute] = useMutation(SendTestDocument);
  const [trouble, setTrouble] = useState<string | null>(null);
  const send = async (values: typeof form.values) => {
    setTrouble(null);
    const to =
      way === 'phone' ? { phone: values.phone.trim(), clientId: null } : { phone: null, clientId: values.clientId };
    const { data, error } = await execute({ id, ...to, idempotencyKey: freshKey() });
    const refused = data?.mailingSendTest.userErrors[0];
    if (error) setTrouble(troubleText(error, shell('trouble.network')));
    else if (refused?.field === way || (refused?.field === 'clientId' && way === 'client')) {
      form.setFieldError(way === 'phone' ? 'phone' : 'clientId', refused.message);
    } else if (refused) setTrouble(refused.message);
    else onSent();
  };
  return { form, send: (values: typeof form.values) => void send(values), fetching, trouble };
}
