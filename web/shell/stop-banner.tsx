import { Alert, Button, Group, Text } from '@mantine/core';
import { useTranslation } from 'react-i18next';
import { useMutation, useQuery, useSubscription } from 'urql';
import { MailingsChangedDocument, SendingResumeDocument, SendingStateDocument } from '../generated/graphql.js';
import { useFormat } from '../ui/format.js';
import { useMay } from './viewer.js';

/** Above every page while all sending is stopped: who did it, why, and the way back. */
export function StopBanner() {
  const { t } = useTranslation('shell');
  const { moment } = useFormat();
  const mayControl = useMay('SENDING_CONTROL');
  const pause = !useMay('MAILINGS_READ');
  const [{ data }] = useQuery({ query: SendingStateDocument, pause });
  // Also keeps every list of mailings as it is by now: see api/cache.ts.
  useSubscription({ query: MailingsChangedDocument, pause });
  const [{ fetching }, resume] = useMutation(SendingResumeDocument);
  if (!data?.sending.stopped) return null;
  const { stoppedAt, stoppedBy, reason } = data.sending;
  const words = { at: moment(stoppedAt ?? Date.now()), by: stoppedBy ?? '', reason: reason ?? '' };
  return (
    <Alert color="red" variant="outline" title={t('stopped.title')} mb="md" role="status">
      <Group justify="space-between">
        <Text>{t(reason === null ? 'stopped.text' : 'stopped.textReason', words)}</Text>
        {mayControl ? (
          <Button size="xs" loading={fetching} onClick={() => resume({})}>
            {t('stopped.resume')}
          </Button>
        ) : null}
      </Group>
    </Alert>
  );
}
