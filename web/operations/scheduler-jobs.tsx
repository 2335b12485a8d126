import { Skeleton, Stack, Table, Text } from '@mantine/core';
import { useCallback } from 'react';
import { useTranslation } from 'react-i18next';
import { useQuery } from 'urql';
import { SchedulerJobsDocument, type SchedulerJobsQuery } from '../generated/graphql.js';
import { useFormat } from '../ui/format.js';
import { Trouble } from '../ui/trouble.js';
import { useRefreshed } from './use-refreshed.js';

type Job = SchedulerJobsQuery['schedulerJobs']['jobs'][number];

/** Of a moment no further off than this, ms, the day is plain. */
const NEAR = 3_600_000;
/** How often it is asked, ms. */
const EVERY = 3_000;

/** What the scheduler has before it: read only, as the sweep rings again for whatever was missed. */
export function SchedulerJobs() {
  const { t } = useTranslation('operations');
  const { count } = useFormat();
  const [{ data, error }, ask] = useQuery({ query: SchedulerJobsDocument, requestPolicy: 'cache-and-network' });
  const again = useCallback(() => ask({ requestPolicy: 'network-only' }), [ask]);
  useRefreshed(again, EVERY);
  if (data === undefined) return error ? <Trouble error={error} onAgain={again} /> : <Skeleton height={240} />;
  const { jobs, total } = data.schedulerJobs;
  return (
    <Stack gap="sm">
      {error ? <Trouble error={error} onAgain={again} /> : null}
      <Text c="dimmed">{t('scheduler.text')}</Text>
      <Text size="sm" className="figures">
        {t('scheduler.total', { count: total, n: count(total), shown: count(jobs.length) })}
      </Text>
      <Table.ScrollContainer minWidth={720}>
        <Table className="figures">
          <Table.Thead>
            <Table.Tr>
              <Table.Th scope="col">{t('scheduler.job')}</Table.Th>
              <Table.Th scope="col">{t('scheduler.state')}</Table.Th>
              <Table.Th scope="col">{t('scheduler.next')}</Table.Th>
              <Table.Th scope="col">{t('scheduler.last')}</Table.Th>
              <Table.Th scope="col">{t('scheduler.failure')}</Table.Th>
            </Table.Tr>
          </Table.Thead>
          <Table.Tbody>
            {jobs.map((job) => (
              <JobRow key={`${job.name} ${job.key}`} job={job} />
            ))}
          </Table.Tbody>
        </Table>
      </Table.ScrollContainer>
    </Stack>
  );
}

function JobRow({ job }: { job: Job }) {
  const { t } = useTranslation('operations');
  const { moment, clock, count, duration } = useFormat();
  // Of what is near, the second matters.
  const when = (at: string) => (Math.abs(Date.parse(at) - Date.now()) < NEAR ? clock(at) : moment(at));
  const { name, key, running, lockedBy, lockedAt, nextRunAt, lastRunAt, everyMs, failCount, failReason } = job;
  return (
    <Table.Tr>
      <Table.Th scope="row" fw={400}>
        <Text>{name}</Text>
        <Text size="sm" c="dimmed">
          {everyMs === null ? key : t('scheduler.every', { duration: duration(everyMs) })}
        </Text>
      </Table.Th>
      <Table.Td>
        <Text>{t(running ? 'scheduler.running' : nextRunAt === null ? 'scheduler.idle' : 'scheduler.booked')}</Text>
        {lockedBy === null || lockedAt === null ? null : (
          <Text size="sm" c="dimmed" style={{ overflowWrap: 'anywhere' }}>
            {t('scheduler.by', { by: lockedBy, at: clock(lockedAt) })}
          </Text>
        )}
      </Table.Td>
      <Table.Td>{nextRunAt === null ? '' : when(nextRunAt)}</Table.Td>
      <Table.Td>{lastRunAt === null ? t('scheduler.never') : when(lastRunAt)}</Table.Td>
      <Table.Td style={{ overflowWrap: 'anywhere' }}>
        {failReason === null
          ? ''
          : t('scheduler.failed', { count: failCount, n: count(failCount), reason: failReason })}
      </Table.Td>
    </Table.Tr>
  );
}
