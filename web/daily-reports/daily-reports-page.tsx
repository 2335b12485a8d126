import './words.js';
import { Card, Group, Stack, Text, TextInput, Title } from '@mantine/core';
import { useTranslation } from 'react-i18next';
import { useQuery } from 'urql';
import { Link, useSearchParams } from 'wouter';
import {
  DailyReportDocument,
  DailyReportPlanDocument,
  type DailyReportPlanQuery,
  DailyReportsDocument,
  type DailyReportsQuery,
} from '../generated/graphql.js';
import { useMay } from '../shell/viewer.js';
import { dayFromToday, readDay } from '../ui/days.js';
import { Empty } from '../ui/empty.js';
import { Forbidden } from '../ui/forbidden.js';
import { useFormat } from '../ui/format.js';
import { Page } from '../ui/page.js';
import { PageSkeleton } from '../ui/page-skeleton.js';
import { Paged } from '../ui/paged.js';
import { Trouble } from '../ui/trouble.js';
import { LetterStates, useStatesInWords } from './letter-states.js';
import { PLAN, SendReport } from './send-report.js';

/** The letters that tell each day what was sent the day before: any day's, and those that went out. */
export default function DailyReportsPage() {
  const { t } = useTranslation('dailyReports');
  const [search, setSearch] = useSearchParams();
  if (!useMay('MAILINGS_READ')) return <Forbidden title={t('title')} permission={t('permission')} />;
  const date = readDay(search.get('day')) || dayFromToday(-1);
  return (
    <Page title={t('title')}>
      <Plan />
      <TextInput
        type="date"
        label={t('day')}
        maw="12rem"
        value={date}
        max={dayFromToday(0)}
        onChange={({ currentTarget }) => {
          const day = readDay(currentTarget.value);
          if (day) setSearch({ day }, { replace: true });
        }}
      />
      <Letter key={date} date={date} />
      <Title order={2} size="h3">
        {t('sent')}
      </Title>
      <SentReports />
    </Page>
  );
}

function Plan() {
  const { t } = useTranslation('dailyReports');
  const { count, moment } = useFormat();
  const [{ data }] = useQuery({ query: DailyReportPlanDocument, requestPolicy: 'cache-and-network' });
  const plan = data?.dailyReportPlan;
  const words = (found: NonNullable<DailyReportPlanQuery['dailyReportPlan']>) => {
    const { at, timeZone, recipientCount, canMail, nextAt } = found;
    if (!canMail) return t('planNoMail');
    if (recipientCount === 0) return t('planNone');
    const rule = t('plan', { at, zone: timeZone, count: recipientCount, n: count(recipientCount) });
    return nextAt ? `${rule} ${t('next', { at: moment(nextAt, timeZone) })}` : rule;
  };
  return (
    <Text id={PLAN} c="dimmed" mih="1.5em">
      {plan ? words(plan) : ''}
    </Text>
  );
}

/** The letter of a day in a frame in which nothing runs and nothing leads away. */
function Letter({ date }: { date: string }) {
  const { t } = useTranslation('dailyReports');
  const { day, moment } = useFormat();
  const isAdmin = useMay('ACCESS_ADMIN');
  const [{ data, error }, ask] = useQuery({
    query: DailyReportDocument,
    variables: { date },
    requestPolicy: 'cache-and-network',
  });
  const again = () => ask({ requestPolicy: 'network-only' });
  const report = data?.dailyReport;
  if (!report) return error ? <Trouble error={error} onAgain={again} /> : <PageSkeleton />;
  const title = t('preview', { day: day(`${date}T00:00`) });
  return (
    <Card withBorder component="section" aria-label={title}>
      <Stack gap="sm">
        <Group justify="space-between">
          <Title order={2} size="h4" style={{ overflowWrap: 'anywhere' }}>
            {report.subject}
          </Title>
          <Group gap="xs">
            <SendReport date={date} onSent={again} />
          </Group>
        </Group>
        <Text size="sm" c="dimmed" role="status">
          {report.bookedAt ? t('asSent', { at: moment(report.bookedAt) }) : t('asNow')}
        </Text>
        {isAdmin && report.bookedAt ? <LetterStates date={date} /> : null}
        <iframe
          title={title}
          sandbox=""
          srcDoc={report.html}
          style={{ width: '100%', height: '70vh', border: '1px solid var(--line)', borderRadius: 8 }}
        />
      </Stack>
    </Card>
  );
}

function SentReports() {
  const { t } = useTranslation('dailyReports');
  return (
    <Stack component="ul" gap="xs" m={0} p={0} style={{ listStyle: 'none' }}>
      <Paged
        query={DailyReportsDocument}
        choice={{}}
        read={({ dailyReports }) => dailyReports}
        wrap={(content) => <li>{content}</li>}
        first={(total) =>
          total === 0 ? (
            <li>
              <Empty title={t('none')} text={t('noneText')} />
            </li>
          ) : null
        }
      >
        {(report) => <SentReport report={report} />}
      </Paged>
    </Stack>
  );
}

function SentReport({ report }: { report: DailyReportsQuery['dailyReports']['edges'][number]['node'] }) {
  const { t } = useTranslation('dailyReports');
  const { day, count, share } = useFormat();
  const inWords = useStatesInWords();
  const { id, messages, sentShare, letters } = report;
  return (
    <li>
      <Link href={`/reports?day=${id}`}>{day(`${id}T00:00`)}</Link>
      <Text size="sm" c="dimmed">
        {t('row', { count: messages.sent, n: count(messages.sent) })}
        {sentShare == null ? '' : ` (${share(sentShare, 1)})`}
        {letters.length === 0 ? '' : ` · ${t('letters')}: ${inWords(letters)}`}
      </Text>
    </li>
  );
}
