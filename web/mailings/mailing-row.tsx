import { Card, Group, Text, Title } from '@mantine/core';
import { useSubscription } from 'urql';
import { Link } from 'wouter';
import { MailingProgressDocument, type MailingRowFragment } from '../generated/graphql.js';
import { useMay } from '../shell/viewer.js';
import { CountsBar } from '../ui/counts-bar.js';
import { useFormat } from '../ui/format.js';
import { MailingStatusBadge } from '../ui/status-badge.js';
import { QuickStep } from './quick-step.js';
import { RowState } from './row-state.js';

/** One mailing: what it is, how far it is, and what comes next. */
export function MailingRow({ mailing }: { mailing: MailingRowFragment }) {
  const { period } = useFormat();
  const mayWrite = useMay('MAILINGS_WRITE');
  const { id, name, status, startsAt, endsAt, progress } = mailing;
  // Its events go to the cache, from which the row is drawn.
  useSubscription({
    query: MailingProgressDocument,
    variables: { mailingId: id },
    pause: status !== 'RUNNING' && status !== 'PAUSED',
  });
  return (
    <Card component="li" withBorder padding="md" className="mailing-row">
      <Group justify="space-between" wrap="nowrap" align="start" gap="sm">
        <Group gap="xs" className="mailing-name">
          <Title order={2} size="h4">
            <Link href={`/mailings/${id}`}>{name}</Link>
          </Title>
          <MailingStatusBadge status={status} />
        </Group>
        {mayWrite ? <QuickStep mailing={mailing} /> : null}
      </Group>
      <Group justify="space-between" gap="0 1rem">
        <Text size="sm" c="dimmed">
          {period(startsAt, endsAt)}
        </Text>
        <RowState mailing={mailing} />
      </Group>
      {progress.total > 0 ? (
        <div className="row-bar">
          <CountsBar counts={progress} />
        </div>
      ) : null}
    </Card>
  );
}
