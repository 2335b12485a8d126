import { Button, Skeleton, Stack, Text, TextInput } from '@mantine/core';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { useMutation, useQuery } from 'urql';
import {
  RunningMailingsDocument,
  SendingHistoryDocument,
  type SendingHistoryQuery,
  SendingResumeDocument,
  SendingStopDocument,
} from '../generated/graphql.js';
import { Confirm } from '../ui/confirm.js';
import { useFormat } from '../ui/format.js';
import { Trouble } from '../ui/trouble.js';
import { Section } from './section.js';

/** The one switch that holds all mailings: how it stands, who turned it and why, and turning it. */
export function SendingSwitch({ mayControl }: { mayControl: boolean }) {
  const { t } = useTranslation('operations');
  const [{ data, error }, ask] = useQuery({ query: SendingHistoryDocument, requestPolicy: 'cache-and-network' });
  const [asked, setAsked] = useState(false);
  const sending = data?.sending;
  const again = () => ask({ requestPolicy: 'network-only' });
  const close = () => {
    setAsked(false);
    again();
  };
  return (
    <Section
      title={t('switch.title')}
      actions={
        mayControl && sending ? (
          <Button color={sending.stopped ? 'blue' : 'red'} onClick={() => setAsked(true)}>
            {t(sending.stopped ? 'switch.resume' : 'switch.stop')}
          </Button>
        ) : null
      }
    >
      {error ? <Trouble error={error} onAgain={again} /> : null}
      {sending === undefined ? (
        error ? null : (
          <Skeleton height={80} />
        )
      ) : (
        <>
          <Text fw={600} role="status">
            {t(sending.stopped ? 'switch.stopped' : 'switch.going')}
          </Text>
          <History stops={sending.history} />
          <StopDialog opened={asked && !sending.stopped} onClose={close} />
          <ResumeDialog opened={asked && sending.stopped} onClose={close} />
        </>
      )}
    </Section>
  );
}

function History({ stops }: { stops: SendingHistoryQuery['sending']['history'] }) {
  const { t } = useTranslation('operations');
  const { moment } = useFormat();
  if (stops.length === 0) return <Text c="dimmed">{t('switch.never')}</Text>;
  return (
    <Stack component="ol" gap="xs" mt="sm" mb={0} p={0} style={{ listStyle: 'none' }} aria-label={t('switch.history')}>
      {stops.map(({ id, stoppedAt, stoppedBy, reason, resumedAt, resumedBy }) => (
        <li key={id}>
          <Text style={{ overflowWrap: 'anywhere' }}>
            {t('switch.wasStopped', { at: moment(stoppedAt), by: stoppedBy })}
            {reason === null ? '' : ` ${t('switch.because', { reason })}`}
          </Text>
          <Text size="sm" c="dimmed">
            {resumedAt === null
              ? t('switch.inForce')
              : t('switch.wasResumed', { at: moment(resumedAt), by: resumedBy ?? '' })}
          </Text>
        </li>
      ))}
    </Stack>
  );
}

interface DialogProps {
  opened: boolean;
  onClose: () => void;
}

function StopDialog({ opened, onClose }: DialogProps) {
  const { t } = useTranslation('operations');
  const [reason, setReason] = useState('');
  const [{ data, error, fetching }, stop] = useMutation(SendingStopDocument);
  const refused = data?.sendingStop.userErrors[0]?.message;
  const onYes = async () => {
    const done = await stop({ reason: reason.trim() || null });
    if (done.data?.sendingStop.sending) onClose();
  };
  return (
    <Confirm
      {...{ opened, onClose, error }}
      title={t('switch.stopTitle')}
      no={t('back')}
      yes={t('switch.stop')}
      isGrave
      isDoing={fetching}
      onYes={onYes}
    >
      <Text>{t('switch.stopText')}</Text>
      <HowMany opened={opened} />
      <TextInput
        label={t('switch.reason')}
        description={t('switch.reasonText')}
        value={reason}
        maxLength={500}
        error={refused}
        data-autofocus
        onChange={({ currentTarget }) => setReason(currentTarget.value)}
      />
    </Confirm>
  );
}

function ResumeDialog({ opened, onClose }: DialogProps) {
  const { t } = useTranslation('operations');
  const [{ error, fetching }, resume] = useMutation(SendingResumeDocument);
  const onYes = async () => {
    const done = await resume({});
    if (!done.error) onClose();
  };
  return (
    <Confirm
      {...{ opened, onClose, error }}
      title={t('switch.resumeTitle')}
      no={t('back')}
      yes={t('switch.resume')}
      isDoing={fetching}
      onYes={onYes}
    >
      <Text>{t('switch.resumeText')}</Text>
      <HowMany opened={opened} />
    </Confirm>
  );
}

/** How many mailings it is about, counted when it is asked. */
export function HowMany({ opened }: { opened: boolean }) {
  const { t } = useTranslation('operations');
  const { count } = useFormat();
  const [{ data }] = useQuery({ query: RunningMailingsDocument, pause: !opened, requestPolicy: 'network-only' });
  const running = data?.mailings.totalCount;
  return (
    <Text fw={600} mih="1.5em">
      {running === undefined ? '' : running === 0 ? t('noneRuns') : t('running', { count: running, n: count(running) })}
    </Text>
  );
}
