import './messages.css';
import { Anchor, Button, Drawer, Group, Skeleton, Stack, Text, Title } from '@mantine/core';
import { useEffect, useRef, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { useMutation, useQuery } from 'urql';
import { Link } from 'wouter';
import { MessageRetryDocument, MessageWholeDocument, type MessageWholeFragment } from '../generated/graphql.js';
import { useServerWords } from '../i18n/use-server-words.js';
import { useMay } from '../shell/viewer.js';
import { useFormat } from '../ui/format.js';
import { Refused } from '../ui/refused.js';
import { MessageStatusBadge } from '../ui/status-badge.js';
import { Trouble, troubleText } from '../ui/trouble.js';
import { usePhone } from '../ui/use-phone.js';
import type { MessageStream } from './message-stream.js';
import { usePlace } from './place.js';
import { Timeline } from './timeline.js';
import type { MailingTerms } from './use-mailing.js';

interface Props {
  id: string;
  mailing: MailingTerms;
  stream: MessageStream;
}

/** One message: its words, where it stands and why, every attempt, and another try where that is possible. */
export default function MessageDrawer({ id, mailing, stream }: Props) {
  const { t } = useTranslation('mailing');
  const [, go] = usePlace();
  const [{ data, error }, ask] = useQuery({
    query: MessageWholeDocument,
    variables: { id },
    requestPolicy: 'cache-and-network',
  });
  useFocusBack();
  const askAgain = () => ask({ requestPolicy: 'network-only' });
  const latest = useRef(askAgain);
  latest.current = askAgain;
  useEffect(
    () =>
      stream.watch(({ snapshot, changes }) => {
        if (snapshot || changes.some(({ messageId }) => messageId === id)) latest.current();
      }),
    [stream, id],
  );
  const message = data?.message;
  return (
    <Drawer
      opened
      onClose={() => go({ message: null })}
      position="right"
      size="lg"
      title={t('message.title', { id })}
      classNames={{ title: 'message-drawer-title' }}
      closeButtonProps={{ 'aria-label': t('message.close') }}
    >
      {error && !message ? <Trouble error={error} onAgain={askAgain} /> : null}
      {!message && !error ? <Skeleton height={320} /> : null}
      {message ? <TheMessage message={message} mailing={mailing} /> : null}
    </Drawer>
  );
}

/** Once it is closed, focus goes back to what opened it, or to the content when that is gone. */
function useFocusBack(): void {
  const [before] = useState(() => document.activeElement);
  useEffect(
    () => () => {
      const back = before?.isConnected && before !== document.body ? before : document.getElementById('content');
      if (back instanceof HTMLElement) back.focus();
    },
    [before],
  );
}

function TheMessage({ message, mailing }: { message: MessageWholeFragment; mailing: MailingTerms }) {
  const { t } = useTranslation('mailing');
  const { moment } = useFormat();
  const phoneOf = usePhone();
  const { status, phone, client, timeZone, text, sentAt, dueAt, waitingFor, createdAt, reason } = message;
  return (
    <Stack gap="md">
      <Group gap="sm">
        <MessageStatusBadge status={status} />
        <Text>
          {phoneOf(phone)} · {timeZone}
        </Text>
        {client ? (
          <Anchor component={Link} href={`/clients/${client.id}`}>
            {t('message.client')}
          </Anchor>
        ) : (
          <Text c="dimmed">{t('message.noClient')}</Text>
        )}
      </Group>
      <Standing {...{ status, sentAt, dueAt, waitingFor, reason, timeZone }} />
      <section>
        <Title order={3} size="h5" mb={4}>
          {t('message.words')}
        </Title>
        {text == null ? (
          <Text c="dimmed">{t('message.noWords')}</Text>
        ) : (
          <blockquote className="mailing-text">{text}</blockquote>
        )}
      </section>
      <section>
        <Title order={3} size="h5" mb={4}>
          {t('message.timeline')}
        </Title>
        <Timeline attempts={message.timeline} />
        <Text size="sm" c="dimmed">
          {t('message.madeAt', { at: moment(createdAt) })}
        </Text>
      </section>
      <Retry message={message} mailing={mailing} />
    </Stack>
  );
}

type StandingProps = Pick<MessageWholeFragment, 'status' | 'sentAt' | 'dueAt' | 'waitingFor' | 'reason' | 'timeZone'>;

/** Where it stands, and what it waits for. */
function Standing({ status, sentAt, dueAt, waitingFor, reason, timeZone }: StandingProps) {
  const { t } = useTranslation('mailing');
  const { moment } = useFormat();
  const inWords = useServerWords();
  const isOpen = status === 'DELAYED' || status === 'ENQUEUED';
  return (
    <div>
      <Text>
        {status === 'SENT' && sentAt ? t('standing.SENT', { at: moment(sentAt) }) : t(`standing.${status}`, { at: '' })}
      </Text>
      {isOpen && waitingFor ? <Text>{t(`because.${waitingFor}`)}</Text> : null}
      {status === 'DELAYED' ? (
        <Text>{t('standing.due', { at: moment(dueAt), there: moment(dueAt, timeZone) })}</Text>
      ) : null}
      {reason && status !== 'SENT' ? <Text c="dimmed">{t('standing.reason', { reason: inWords(reason) })}</Text> : null}
    </div>
  );
}

/** Another try by hand. What rules it out is said before anybody presses it. */
function Retry({ message, mailing }: { message: MessageWholeFragment; mailing: MailingTerms }) {
  const { t } = useTranslation('mailing');
  const mayWrite = useMay('MAILINGS_WRITE');
  const [{ fetching, error, data }, retry] = useMutation(MessageRetryDocument);
  const [isAsked, setAsked] = useState(false);
  if (!mayWrite || message.isTest || (message.status !== 'FAILED' && message.status !== 'UNKNOWN')) return null;
  const refused = error ? troubleText(error, t('retry.network')) : data?.messageRetry.userErrors[0]?.message;
  const why = whyNot(message, mailing);
  const isUnknown = message.status === 'UNKNOWN';
  const act = () => (isUnknown && !isAsked ? setAsked(true) : void retry({ id: message.id }));
  return (
    <section>
      {isUnknown ? <Text mb="xs">{t('retry.unknown')}</Text> : null}
      {why ? (
        <Text c="dimmed" mb="xs" id="retry-why">
          {t(`retry.${why}`)}
        </Text>
      ) : null}
      <Button onClick={act} loading={fetching} disabled={why !== null} aria-describedby={why ? 'retry-why' : undefined}>
        {t(isAsked ? 'retry.sure' : 'retry.act')}
      </Button>
      <Refused mt="sm">{refused}</Refused>
    </section>
  );
}

function whyNot({ client }: MessageWholeFragment, { status, endsAt }: MailingTerms) {
  if (status === 'CANCELLED') return 'cancelled' as const;
  if (Date.parse(endsAt) <= Date.now()) return 'over' as const;
  return client ? null : ('noClient' as const);
}
