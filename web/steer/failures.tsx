import './steer.css';
import './words.js';
import { Alert, Button, Card, Group, Skeleton, Stack, Text, Title } from '@mantine/core';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { useQuery } from 'urql';
import { Link } from 'wouter';
import {
  type FailureGroupRowFragment,
  MailingFailuresDocument,
  type SteeredMailingFragment,
} from '../generated/graphql.js';
import { useServerWords } from '../i18n/use-server-words.js';
import { useMay } from '../shell/viewer.js';
import { Empty } from '../ui/empty.js';
import { useFormat } from '../ui/format.js';
import { MessageStatusBadge } from '../ui/status-badge.js';
import { Trouble } from '../ui/trouble.js';
import { ConfirmRetry } from './confirm-retry.js';
import { type Retry, retryOfAllFailed, retryOfGroup, retryRefusal } from './retry-filter.js';
import { useSteered } from './steered.js';
import { useAskedAgain } from './use-asked-again.js';

/** ms; they are counted one by one. */
const ASK_EVERY = 5_000;

/** Who did not get it, by the reason, and a way to try just those again. */
export default function Failures() {
  const { id, mailing } = useSteered();
  const [{ data, error }, ask] = useQuery({
    query: MailingFailuresDocument,
    variables: { id },
    requestPolicy: 'cache-and-network',
  });
  const again = () => ask({ requestPolicy: 'network-only' });
  const { failed, unknown } = mailing?.progress ?? { failed: 0, unknown: 0 };
  useAskedAgain(mailing ? `${failed} ${unknown}` : null, again, ASK_EVERY);
  if (error && !data) return <Trouble error={error} onAgain={again} />;
  const groups = data?.mailing?.failures;
  if (groups === undefined || mailing === undefined) return <Skeleton height={240} />;
  return groups.length === 0 ? <NoFailures /> : <Groups mailing={mailing} groups={groups} />;
}

function NoFailures() {
  const { t } = useTranslation('steer');
  return <Empty title={t('failures.none')} text={t('failures.noneText')} />;
}

interface GroupsProps {
  mailing: SteeredMailingFragment;
  groups: readonly FailureGroupRowFragment[];
}

function Groups({ mailing, groups }: GroupsProps) {
  const { t } = useTranslation('steer');
  const mayWrite = useMay('MAILINGS_WRITE');
  const { count } = useFormat();
  const [retry, setRetry] = useState<Retry | null>(null);
  const { failed, unknown } = mailing.progress;
  const refusal = retryRefusal(mailing.status, mailing.endsAt, Date.now());
  const mayRetry = mayWrite && refusal === null;
  const shown = groups.reduce((all, group) => all + group.count, 0);
  const all = { count: failed, n: count(failed) };
  return (
    <Card withBorder padding="md">
      <Group justify="space-between" mb="sm">
        <Title order={2} size="h4">
          {t('failures.title')}
        </Title>
        {mayRetry && failed > 0 ? (
          <Button onClick={() => setRetry(retryOfAllFailed(failed))}>{t('failures.retryAll', all)}</Button>
        ) : null}
      </Group>
      {mayWrite && refusal ? <Refused refusal={refusal} id={mailing.id} /> : null}
      <Stack component="ul" gap="md" p={0} m={0} style={{ listStyle: 'none' }}>
        {groups.map((group) => (
          <FailureRow
            key={`${group.status} ${group.gatewayCode} ${group.reason}`}
            group={group}
            most={groups[0]?.count ?? 1}
            onRetry={mayRetry ? () => setRetry(retryOfGroup(group)) : null}
          />
        ))}
      </Stack>
      {shown < failed + unknown ? (
        <Text size="sm" c="dimmed" mt="md">
          {t('failures.notAll', { shown: count(shown), all: count(failed + unknown) })}
        </Text>
      ) : null}
      {retry ? <ConfirmRetry mailing={mailing} retry={retry} onClose={() => setRetry(null)} /> : null}
    </Card>
  );
}

function Refused({ refusal, id }: { refusal: 'why.noRetry' | 'why.ended'; id: string }) {
  const { t } = useTranslation('steer');
  return (
    <Alert color="blue" variant="outline" mb="md">
      <Text size="sm">
        {t('failures.cannot')} {t(refusal)}{' '}
        {refusal === 'why.ended' ? <Link href={`/mailings/${id}/edit`}>{t('step.edit')}</Link> : null}
      </Text>
    </Alert>
  );
}

interface FailureRowProps {
  group: FailureGroupRowFragment;
  /** Messages of the largest group. */
  most: number;
  /** null: not possible now, or not for this person. */
  onRetry: (() => void) | null;
}

function FailureRow({ group, most, onRetry }: FailureRowProps) {
  const { t } = useTranslation('steer');
  const { count } = useFormat();
  const inWords = useServerWords();
  const { status, reason, gatewayCode } = group;
  const why = reason ? inWords(reason) : t('failures.noReason');
  const n = { count: group.count, n: count(group.count) };
  return (
    <li>
      <Group justify="space-between" wrap="nowrap" align="flex-start">
        <div style={{ minWidth: 0, flex: 1 }}>
          <Group gap="xs">
            <MessageStatusBadge status={status} />
            <Text className="figures" fw={600}>
              {t('failures.messages', n)}
            </Text>
            {gatewayCode === null ? null : (
              <Text size="sm" c="dimmed">
                HTTP {gatewayCode}
              </Text>
            )}
          </Group>
          <Text size="sm" style={{ overflowWrap: 'anywhere' }}>
            {why}
          </Text>
          <div className="failure-bar" aria-hidden>
            <span
              style={{
                width: `${(group.count / most) * 100}%`,
                background: status === 'UNKNOWN' ? 'var(--unknown)' : 'var(--failed)',
              }}
            />
          </div>
        </div>
        {onRetry ? (
          <Button variant="default" size="xs" onClick={onRetry} aria-label={t('failures.retryThese', { ...n, why })}>
            {t('failures.retry')}
          </Button>
        ) : null}
      </Group>
    </li>
  );
}
