import './words.js';
import './statistics.css';
import { Button, Group } from '@mantine/core';
import { lazy, Suspense } from 'react';
import { useTranslation } from 'react-i18next';
import { useQuery } from 'urql';
import { useSearchParams } from 'wouter';
import { StatisticsDocument, type StatisticsQuery } from '../generated/graphql.js';
import { useMay } from '../shell/viewer.js';
import { Empty } from '../ui/empty.js';
import { Forbidden } from '../ui/forbidden.js';
import { useFormat } from '../ui/format.js';
import { Page } from '../ui/page.js';
import { PageSkeleton } from '../ui/page-skeleton.js';
import { Trouble } from '../ui/trouble.js';
import { ChoiceBar } from './choice-bar.js';
import { DownloadCsv } from './download-csv.js';
import { nameGroups } from './groups.js';
import { GroupsTable } from './groups-table.js';
import { askedFor, readChoice, type StatisticsChoice, writeChoice } from './statistics-choice.js';
import { Totals } from './totals.js';

const GroupsChart = lazy(() => import('./groups-chart.js'));

/** What became of messages, over a stretch of time, told apart in one way or another. */
export default function StatisticsPage() {
  const { t } = useTranslation('statistics');
  const [params, setParams] = useSearchParams();
  const choice = readChoice(params);
  const choose = (change: Partial<StatisticsChoice>) =>
    setParams((now) => writeChoice({ ...readChoice(now), ...change }), { replace: true });
  const mayRead = useMay('MAILINGS_READ');
  const [{ data, error, fetching }, ask] = useQuery({
    query: StatisticsDocument,
    variables: askedFor(choice),
    requestPolicy: 'cache-and-network',
    pause: !mayRead,
  });
  if (!mayRead) return <Forbidden title={t('title')} permission={t('permission')} />;
  const again = () => ask({ requestPolicy: 'network-only' });
  return (
    <Page
      title={t('title')}
      actions={
        <Button variant="default" loading={fetching && data !== undefined} onClick={again}>
          {t('again')}
        </Button>
      }
    >
      <ChoiceBar choice={choice} choose={choose} />
      {error ? <Trouble error={error} onAgain={again} /> : null}
      {data ? <Counted statistics={data.statistics} choice={choice} /> : error ? null : <PageSkeleton />}
    </Page>
  );
}

function Counted({ statistics, choice }: { statistics: StatisticsQuery['statistics']; choice: StatisticsChoice }) {
  const { t } = useTranslation('statistics');
  const { t: word } = useTranslation('ui');
  const { moment, count } = useFormat();
  const { groups, asOf, uncountedMailings } = statistics;
  const shown = nameGroups(groups ?? [], choice.by, {
    none: t(`none.${choice.by}`),
    status: (key) => (key === 'OPEN' ? t('open') : word(`message.${key as 'SENT'}`)),
  });
  return (
    <>
      <Totals statistics={statistics} />
      {shown.length === 0 ? (
        <Empty title={t('nothing')} text={t('nothingText')} />
      ) : (
        <div className="groups">
          <Suspense fallback={<div className="chart" />}>
            <GroupsChart rows={shown} by={choice.by} />
          </Suspense>
          <GroupsTable rows={shown} by={choice.by} />
        </div>
      )}
      <Group justify="space-between" className="as-of">
        <p role="status">
          {t('asOf', { at: moment(asOf) })}{' '}
          {uncountedMailings > 0 ? t('uncounted', { count: uncountedMailings, n: count(uncountedMailings) }) : null}
        </p>
        {shown.length > 0 ? <DownloadCsv rows={shown} by={choice.by} /> : null}
      </Group>
    </>
  );
}
