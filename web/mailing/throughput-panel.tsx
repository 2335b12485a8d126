import { Skeleton, Text, Title } from '@mantine/core';
import { lazy, memo, Suspense, useEffect, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { useClient } from 'urql';
import { useConnection } from '../api/connection.js';
import { MailingThroughputDocument } from '../generated/graphql.js';
import { useFormat } from '../ui/format.js';
import { useNow } from '../ui/use-now.js';
import { CHART_HEIGHT, type Curves, MINUTES, summaryOf, Throughput } from './throughput.js';
import { useProgress } from './use-progress.js';

// uPlot asks the browser for its language as it is loaded, and fails on one that is none (`en-US@posix`). What the picture says also stands in words.
const ThroughputChart = lazy(() => import('./throughput-chart.js').catch(() => ({ default: NoChart })));

/** How fast it went in the last minutes: as a picture, and in words. */
export function ThroughputPanel({ mailingId }: { mailingId: string }) {
  const { t } = useTranslation('mailing');
  const throughput = useThroughput(mailingId);
  return (
    <section>
      <Title order={2} size="h4" mb="xs">
        {t('throughput.title', { minutes: MINUTES })}
      </Title>
      <Now throughput={throughput} />
    </section>
  );
}

/** Drawn once a second: what came in between is in the next one. */
const Now = memo(function Now({ throughput }: { throughput: Throughput }) {
  const now = useNow();
  const curves = throughput.curves(now);
  return (
    <>
      <Suspense fallback={<Skeleton height={CHART_HEIGHT} />}>
        <ThroughputChart curves={curves} />
      </Suspense>
      <Words curves={curves} now={now} />
    </>
  );
});

/** What the server remembers, read now and after each cut, and carried on by the events of progress. */
function useThroughput(id: string): Throughput {
  const progress = useProgress();
  const [throughput] = useState(() => new Throughput());
  const client = useClient();
  const isLive = useConnection().state === 'live';
  useEffect(() => throughput.follow(progress, Date.now()), [throughput, progress]);
  useEffect(() => {
    if (!isLive) return;
    let isOver = false;
    // Not kept in the cache, which would tell it again with each event.
    const asked = client.query(MailingThroughputDocument, { id, minutes: MINUTES }, { requestPolicy: 'network-only' });
    void asked.toPromise().then(({ data }) => {
      if (!isOver && data?.mailing) throughput.begin(data.mailing.throughput, data.mailing.progress);
    });
    return () => {
      isOver = true;
    };
  }, [client, id, isLive, throughput]);
  return throughput;
}

/** Keeps the picture's place. */
function NoChart() {
  return <div style={{ height: CHART_HEIGHT }} />;
}

function Words({ curves, now }: { curves: Curves; now: number }) {
  const { t } = useTranslation('mailing');
  const { clock, count, decimal } = useFormat();
  const { sent, other, most } = summaryOf(curves, now);
  if (most === null)
    return (
      <Text size="sm" c="dimmed">
        {t('throughput.nothing', { minutes: MINUTES })}
      </Text>
    );
  return (
    <Text size="sm" c="dimmed" className="figures">
      <span className="dot" data-part="sent" aria-hidden /> {t('throughput.sent', { sent: count(sent) })} ·{' '}
      <span className="dot" data-part="failed" aria-hidden /> {t('throughput.other', { other: count(other) })} ·{' '}
      {t('throughput.most', {
        rate: most.perSecond < 10 ? decimal(most.perSecond) : count(Math.round(most.perSecond)),
        at: clock(most.at),
      })}
    </Text>
  );
}
