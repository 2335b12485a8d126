import { Alert, Button, Group, SegmentedControl, Skeleton, Stack, Text, Title } from '@mantine/core';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { language } from '../i18n/i18n.js';
import { useFormat } from '../ui/format.js';
import { Trouble } from '../ui/trouble.js';
import { zoneName } from '../ui/zone-name.js';
import { useEdited, useEditorForm } from './editing.js';
import { ForecastPicture } from './forecast-picture.js';
import { ForecastTable } from './forecast-table.js';
import { withEndMoved } from './form-values.js';
import { isLaunched } from './frozen-parts.js';
import type { Forecast, ForecastState } from './use-forecast.js';
import { useMoment } from './use-moment.js';

const DAY = 86_400_000;
/** Zones that are named in warnings, one by one. */
const NAMED = 4;

/** Whom it reaches when, and who would be too late: in words, and as a picture or a table. */
export function ForecastSection({ state }: { state: ForecastState }) {
  const { t } = useTranslation('editor');
  const { mailing } = useEdited();
  const { count } = useFormat();
  const open = mailing?.progress.open ?? 0;
  const [view, setView] = useState<'picture' | 'table'>('picture');
  const { forecast, asking, impossible, refusal, error } = state;
  if (impossible || refusal !== undefined) {
    return <Text c="dimmed">{impossible ? t('forecast.impossible') : refusal}</Text>;
  }
  if (error) return <Trouble error={error} />;
  if (forecast === undefined) return <Skeleton height={240} />;
  return (
    <Stack gap="sm" aria-busy={asking} className="forecast">
      <Group justify="space-between">
        <Title order={3} size="h5">
          {t('forecast.title')}
        </Title>
        <SegmentedControl
          size="xs"
          aria-label={t('forecast.view')}
          value={view}
          onChange={(next) => setView(next as typeof view)}
          data={[
            { value: 'picture', label: t('forecast.picture') },
            { value: 'table', label: t('forecast.table') },
          ]}
        />
      </Group>
      {mailing !== null && isLaunched(mailing.status) ? (
        <Text size="sm" c="dimmed">
          {t('forecast.launched', { count: open, n: count(open) })}
        </Text>
      ) : null}
      <div aria-live="polite">
        <ForecastWords forecast={forecast} />
        <ForecastWarnings forecast={forecast} />
      </div>
      {view === 'picture' ? <ForecastPicture forecast={forecast} /> : <ForecastTable forecast={forecast} />}
    </Stack>
  );
}

/** The whole in one or two sentences. */
export function ForecastWords({ forecast }: { forecast: Forecast }) {
  const { t } = useTranslation('editor');
  const { count } = useFormat();
  const moment = useMoment();
  const { sentCount, firstSendAt, lastSendAt, rateLimit } = forecast;
  if (firstSendAt === null || lastSendAt === null) return <Text>{t('forecast.none')}</Text>;
  const words = { count: sentCount, n: count(sentCount), first: moment(firstSendAt), last: moment(lastSendAt) };
  return (
    <Text>
      {t(firstSendAt === lastSendAt ? 'forecast.once' : 'forecast.words', words)}{' '}
      {rateLimit === null ? '' : t('forecast.rate', { n: count(rateLimit) })}
    </Text>
  );
}

/** Who is not reached, each zone in a sentence, and a way out. */
function ForecastWarnings({ forecast }: { forecast: Forecast }) {
  const { t } = useTranslation('editor');
  const { count } = useFormat();
  const form = useEditorForm();
  const { isFrozen } = useEdited();
  const { expiredCount, failedCount, undecidedCount, limitedBy, timeZones } = forecast;
  const late = timeZones.filter((zone) => zone.expiredCount > 0);
  const more = late.slice(NAMED).reduce((sum, zone) => sum + zone.expiredCount, 0);
  if (expiredCount + failedCount + undecidedCount === 0) return null;
  return (
    <Alert color="orange" variant="outline" mt="xs" p="sm" title={expiredCount > 0 ? t('warning.title') : undefined}>
      {late.slice(0, NAMED).map(({ timeZone, expiredCount: clients }) => (
        <p key={timeZone}>
          {t('warning.zone', { count: clients, n: count(clients), zone: zoneName(timeZone, language()) })}
        </p>
      ))}
      {more > 0 ? <p>{t('warning.more', { count: more, n: count(more) })}</p> : null}
      {limitedBy === 'RATE' ? <p>{t('warning.RATE')}</p> : null}
      {failedCount > 0 ? <p>{t('warning.failed', { count: failedCount, n: count(failedCount) })}</p> : null}
      {undecidedCount > 0 ? <p>{t('warning.undecided', { count: undecidedCount, n: count(undecidedCount) })}</p> : null}
      {expiredCount > 0 && !isFrozen('endsAt') ? (
        <Button size="xs" variant="default" onClick={() => form.setValues(withEndMoved(form.getValues(), DAY))}>
          {t('warning.oneMoreDay')}
        </Button>
      ) : null}
    </Alert>
  );
}
