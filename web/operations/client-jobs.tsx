import { Button, Stack, Text } from '@mantine/core';
import { useCallback } from 'react';
import { useTranslation } from 'react-i18next';
import { useClient } from 'urql';
import { Link } from 'wouter';
import { type ClientJobPartsFragment, ClientJobsDocument } from '../generated/graphql.js';
import { useMay } from '../shell/viewer.js';
import { isOver } from '../ui/client-job.js';
import { ClientJobCard, JobState } from '../ui/client-job-card.js';
import { Empty } from '../ui/empty.js';
import { useFormat } from '../ui/format.js';
import { Paged } from '../ui/paged.js';
import { useRefreshed } from './use-refreshed.js';

/** Jobs of a part of the list. */
const FIRST = 20;
/** How often it is looked for jobs that others began, ms; those that are shown move by themselves. */
const EVERY = 15_000;

/** Imports and bulk changes, the newest first; those under way move live. */
export function ClientJobs() {
  const { t } = useTranslation('operations');
  const mayWrite = useMay('CLIENTS_WRITE');
  const client = useClient();
  const again = useCallback(() => {
    // Into the cache, from which the list is drawn.
    const asked = { first: FIRST, after: null };
    void client.query(ClientJobsDocument, asked, { requestPolicy: 'network-only' }).toPromise();
  }, [client]);
  useRefreshed(again, EVERY);
  const none = (
    <Empty title={t('jobs.none')} text={t('jobs.noneText')}>
      {mayWrite ? (
        <Button component={Link} href="/clients/import">
          {t('jobs.import')}
        </Button>
      ) : null}
    </Empty>
  );
  return (
    <Stack component="ul" gap="lg" m={0} p={0} style={{ listStyle: 'none' }}>
      <Paged
        query={ClientJobsDocument}
        choice={{ first: FIRST }}
        read={({ clientJobs }) => clientJobs}
        wrap={(content) => <li>{content}</li>}
        first={(total) => (total === 0 ? <li>{none}</li> : null)}
      >
        {(job) => <OneJob job={job} />}
      </Paged>
    </Stack>
  );
}

function OneJob({ job }: { job: ClientJobPartsFragment }) {
  const { t } = useTranslation('operations');
  const { moment, duration } = useFormat();
  const { id, createdAt, createdBy, startedAt, finishedAt } = job;
  const took = startedAt && finishedAt ? Date.parse(finishedAt) - Date.parse(startedAt) : null;
  return (
    <li>
      <Text size="sm" c="dimmed" mb={4} style={{ overflowWrap: 'anywhere' }}>
        {t('jobs.asked', { at: moment(createdAt), by: createdBy })}
        {took === null ? '' : ` · ${t('jobs.took', { duration: duration(took) })}`}
      </Text>
      {isOver(job) ? <JobState job={job} /> : <ClientJobCard id={id} />}
    </li>
  );
}
