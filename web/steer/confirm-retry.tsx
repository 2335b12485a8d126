import './steer.css';
import './words.js';
import { Alert, Checkbox, List, Text } from '@mantine/core';
import { notifications } from '@mantine/notifications';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { useMutation } from 'urql';
import { RetryFailedDocument, type SteeredMailingFragment } from '../generated/graphql.js';
import { Confirm } from '../ui/confirm.js';
import { useFormat } from '../ui/format.js';
import { troubleText } from '../ui/trouble.js';
import type { Retry } from './retry-filter.js';

interface ConfirmRetryProps {
  mailing: SteeredMailingFragment;
  retry: Retry;
  onClose: () => void;
}

/** Asks before messages are tried again, says how many, and of UNKNOWN ones that some may be sent twice. */
export function ConfirmRetry({ mailing, retry, onClose }: ConfirmRetryProps) {
  const { t } = useTranslation('steer');
  const { count, moment } = useFormat();
  const [isUnderstood, setUnderstood] = useState(false);
  const { run, fetching, trouble } = useRetry(mailing.id, retry, onClose);
  const n = { count: retry.count, n: count(retry.count) };
  return (
    <Confirm
      opened
      size="lg"
      title={t('retry.ask', n)}
      no={t('do.not')}
      yes={t('retry.do', n)}
      first={retry.mayRepeat ? 'no' : 'yes'}
      isDoing={fetching}
      isHeld={retry.mayRepeat && !isUnderstood}
      refused={trouble}
      onClose={onClose}
      onYes={run}
    >
      <List spacing={4}>
        <List.Item>{t('retry.sameId')}</List.Item>
        {mailing.status === 'COMPLETED' ? <List.Item>{t('retry.reopens')}</List.Item> : null}
        {mailing.status === 'PAUSED' ? <List.Item>{t('retry.paused')}</List.Item> : null}
        <List.Item>{t('retry.skips', { at: moment(mailing.endsAt) })}</List.Item>
      </List>
      {retry.mayRepeat ? (
        <Alert color="orange" variant="outline" title={t('retry.unknownTitle')}>
          <Text size="sm">{t('retry.unknown')}</Text>
          <Checkbox
            mt="sm"
            label={t('retry.understood')}
            checked={isUnderstood}
            onChange={(event) => setUnderstood(event.currentTarget.checked)}
          />
        </Alert>
      ) : null}
    </Confirm>
  );
}

function useRetry(id: string, { filter }: Retry, onClose: () => void) {
  const { t } = useTranslation('steer');
  const { t: shell } = useTranslation('shell');
  const { count } = useFormat();
  const [{ fetching }, execute] = useMutation(RetryFailedDocument);
  const [trouble, setTrouble] = useState<string | null>(null);
  const run = async () => {
    setTrouble(null);
    const { data, error } = await execute({ id, filter });
    const taken = data?.mailingRetryFailed;
    if (error) return setTrouble(troubleText(error, shell('trouble.network')));
    if (!taken || taken.userErrors[0]) return setTrouble(taken?.userErrors[0]?.message ?? null);
    const { retriedCount, skippedCount } = taken;
    const done = t('retry.done', { count: retriedCount, n: count(retriedCount) });
    const left = skippedCount > 0 ? t('retry.skipped', { count: skippedCount, n: count(skippedCount) }) : '';
    notifications.show({ message: `${done} ${left}` });
    onClose();
  };
  return { run: () => void run(), fetching, trouble };
}
