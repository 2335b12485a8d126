import './steer.css';
import './words.js';
import { Card, Group, Skeleton, Table, Text, Title } from '@mantine/core';
import { memo, useEffect, useId, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { useQuery } from 'urql';
import { MailingDeliveriesDocument } from '../generated/graphql.js';
import { useFormat } from '../ui/format.js';
import { Trouble } from '../ui/trouble.js';
import { countedWithin, type DeliveryHour, FAINTEST, fullestHour, heatDays, heatOf } from './heat-grid.js';
import { useSteered } from './steered.js';
import { useAskedAgain } from './use-asked-again.js';

/** ms; the server counts up what is new no more often. */
const ASK_EVERY = 30_000;
const HOURS = Array.from({ length: 24 }, (_, hour) => hour);

/** When messages were sent, day by hour, each by its client's own clock: was anybody woken? */
export default function HeatMap() {
  const { t } = useTranslation('steer');
  const title = useId();
  const { id, mailing } = useSteered();
  const [{ data, error }, ask] = useQuery({
    query: MailingDeliveriesDocument,
    variables: { id },
    requestPolicy: 'cache-and-network',
  });
  const again = () => ask({ requestPolicy: 'network-only' });
  const sent = mailing?.progress.sent ?? 0;
  useAskedAgain(mailing ? `${mailing.status} ${sent}` : null, again, ASK_EVERY);
  const deliveries = data?.mailing?.deliveries;
  const isMissing = deliveries?.length === 0 && sent > 0;
  const isCounting = useAskedUntilCounted(isMissing, ask);
  if (mailing?.launchedAt === null) return null;
  return (
    <Card withBorder padding="md" component="section" aria-labelledby={title}>
      <Title order={2} size="h5" id={title} mb="sm">
        {t('heat.title')}
      </Title>
      {error && !data ? <Trouble error={error} onAgain={again} /> : null}
      {deliveries === undefined && !error ? <Skeleton height={120} /> : null}
      {deliveries?.length === 0 ? (
        <Text c="dimmed">{t(isCounting ? 'heat.counting' : isMissing ? 'heat.unknown' : 'heat.none')}</Text>
      ) : null}
      {deliveries && deliveries.length > 0 ? <Heat deliveries={deliveries} /> : null}
    </Card>
  );
}

/**
 * A very large mailing that nobody has looked at yet is counted first. One whose clients' zones nobody knows any more has no hours
 * at all, so it is not asked for ever. @returns whether it is still asked
 */
function useAskedUntilCounted(isMissing: boolean, ask: (how: { requestPolicy: 'network-only' }) => void): boolean {
  const [tries, setTries] = useState(0);
  const wait = isMissing ? countedWithin(tries) : null;
  useEffect(() => {
    if (wait === null) return;
    const timer = setTimeout(() => {
      setTries((before) => before + 1);
      ask({ requestPolicy: 'network-only' });
    }, wait);
    return () => clearTimeout(timer);
  }, [wait, ask]);
  return wait !== null;
}

/** Drawn anew for other deliveries, and not with every move of the figures. */
const Heat = memo(function Heat({ deliveries }: { deliveries: readonly DeliveryHour[] }) {
  const { t } = useTranslation('steer');
  const { count } = useFormat();
  const fullest = fullestHour(deliveries);
  const show = useHourWords();
  return (
    <>
      <Grid deliveries={deliveries} most={fullest?.sent ?? 1} />
      <Group justify="space-between" mt="xs">
        <Text size="sm">
          {fullest ? t('heat.most', { ...show(fullest), count: fullest.sent, n: count(fullest.sent) }) : null}
        </Text>
        <Scale />
      </Group>
      <details className="heat-table">
        <summary>{t('heat.table')}</summary>
        <HeatTable deliveries={deliveries} />
      </details>
    </>
  );
});

/** For the eye; the table under it says the same. */
function Grid({ deliveries, most }: { deliveries: readonly DeliveryHour[]; most: number }) {
  const { t } = useTranslation('steer');
  const { count } = useFormat();
  const show = useHourWords();
  const day = useDay();
  return (
    <div className="heat" aria-hidden>
      <span />
      {HOURS.map((hour) => (
        <span key={hour} className="heat-hour">
          {hour % 3 === 0 ? hour : ''}
        </span>
      ))}
      {heatDays(deliveries).map(({ date, hours }) => [
        <span key={date} className="heat-day">
          {day(date)}
        </span>,
        ...hours.map((sent, hour) => (
          <span
            // biome-ignore lint/suspicious/noArrayIndexKey: the hour is what it is
            key={`${date} ${hour}`}
            className="heat-cell"
            style={{ background: shade(heatOf(sent, most)) }}
            title={t('heat.cell', { ...show({ date, hour }), count: sent, n: count(sent) })}
          />
        )),
      ])}
    </div>
  );
}

/** @param heat 0 to 1 */
function shade(heat: number): string {
  return `color-mix(in oklab, var(--sent) ${heat * 100}%, var(--cell))`;
}

function Scale() {
  const { t } = useTranslation('steer');
  return (
    <Group gap={4} aria-hidden>
      <Text size="xs" c="dimmed">
        {t('heat.less')}
      </Text>
      {[FAINTEST, 0.4, 0.7, 1].map((heat) => (
        <span key={heat} className="heat-cell heat-sample" style={{ background: shade(heat) }} />
      ))}
      <Text size="xs" c="dimmed">
        {t('heat.more')}
      </Text>
    </Group>
  );
}

function HeatTable({ deliveries }: { deliveries: readonly DeliveryHour[] }) {
  const { t } = useTranslation('steer');
  const { count } = useFormat();
  const show = useHourWords();
  return (
    <Table mt="xs" maw="28rem" className="figures">
      <Table.Thead>
        <Table.Tr>
          <Table.Th scope="col">{t('heat.day')}</Table.Th>
          <Table.Th scope="col">{t('heat.hour')}</Table.Th>
          <Table.Th scope="col" ta="right">
            {t('heat.sent')}
          </Table.Th>
        </Table.Tr>
      </Table.Thead>
      <Table.Tbody>
        {deliveries
          .filter(({ sent }) => sent > 0)
          .map((delivery) => {
            const { day, hour } = show(delivery);
            return (
              <Table.Tr key={`${delivery.date} ${delivery.hour}`}>
                <Table.Td>{day}</Table.Td>
                <Table.Td>{hour}</Table.Td>
                <Table.Td ta="right">{count(delivery.sent)}</Table.Td>
              </Table.Tr>
            );
          })}
      </Table.Tbody>
    </Table>
  );
}

/** A day of nobody's zone in particular. */
function useDay(): (date: string) => string {
  const { i18n } = useTranslation('steer');
  const days = new Intl.DateTimeFormat(i18n.language, { month: 'short', day: 'numeric', timeZone: 'UTC' });
  return (date) => days.format(Date.parse(date));
}

function useHourWords(): (at: Pick<DeliveryHour, 'date' | 'hour'>) => { day: string; hour: string } {
  const day = useDay();
  const clock = (hour: number) => `${String(hour).padStart(2, '0')}:00`;
  return ({ date, hour }) => ({ day: day(date), hour: `${clock(hour)}–${clock((hour + 1) % 24)}` });
}
