import './words.js';
import { Button, Card, Group, Stack, Text, Title } from '@mantine/core';
import { useTranslation } from 'react-i18next';
import { useQuery, useSubscription } from 'urql';
import { Link } from 'wouter';
import { MailingProgressDocument, type MailingRowFragment, MailingsDocument } from '../generated/graphql.js';
import { useMay } from '../shell/viewer.js';
import { CountsBar } from '../ui/counts-bar.js';
import { Empty } from '../ui/empty.js';
import { useFormat } from '../ui/format.js';
import { Page } from '../ui/page.js';
import { PageSkeleton } from '../ui/page-skeleton.js';
import { MailingStatusBadge } from '../ui/status-badge.js';
import { Trouble } from '../ui/trouble.js';

/** The newest mailings, each with its live bar. */
export default function MailingsPage() {
  const { t } = useTranslation('mailings');
  const mayWrite = useMay('MAILINGS_WRITE');
  const [{ data, error }, ask] = useQuery({
    query: MailingsDocument,
    variables: { first: 50, after: null, filter: null, orderBy: 'NEWEST' },
    requestPolicy: 'cache-and-network',
  });
  if (data === undefined) {
    return error ? <Trouble error={error} onAgain={() => ask({ requestPolicy: 'network-only' })} /> : <PageSkeleton />;
  }
  const { edges, totalCount } = data.mailings;
  const write = mayWrite ? (
    <Button component={Link} href="/mailings/new">
      {t('new')}
    </Button>
  ) : null;
  return (
    <Page title={t('title')} actions={write}>
      {totalCount === 0 ? (
        <Empty title={t('empty.title')} text={t('empty.text')}>
          {write}
        </Empty>
      ) : null}
      <Stack component="ul" gap="sm" p={0} m={0} style={{ listStyle: 'none' }}>
        {edges.map(({ node }) => (
          <MailingRow key={node.id} mailing={node} />
        ))}
      </Stack>
    </Page>
  );
}

function MailingRow({ mailing }: { mailing: MailingRowFragment }) {
  const { period } = useFormat();
  // Its events go to the cache, from which the row is drawn.
  useSubscription({
    query: MailingProgressDocument,
    variables: { mailingId: mailing.id },
    pause: mailing.status !== 'RUNNING' && mailing.status !== 'PAUSED',
  });
  return (
    <Card component="li" withBorder padding="md">
      <Group justify="space-between" mb="xs">
        <Group gap="sm">
          <Title order={2} size="h4">
            <Link href={`/mailings/${mailing.id}`}>{mailing.name}</Link>
          </Title>
          <MailingStatusBadge status={mailing.status} />
        </Group>
        <Text size="sm" c="dimmed">
          {period(mailing.startsAt, mailing.endsAt)}
        </Text>
      </Group>
      <CountsBar counts={mailing.progress} />
    </Card>
  );
}
