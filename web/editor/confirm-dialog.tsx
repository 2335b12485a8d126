import { Alert, Skeleton, Stack, Text } from '@mantine/core';
import { useEffect, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { useQuery } from 'urql';
import { SendingStateDocument } from '../generated/graphql.js';
import { language } from '../i18n/i18n.js';
import { Confirm } from '../ui/confirm.js';
import { useFormat } from '../ui/format.js';
import { zoneName } from '../ui/zone-name.js';
import type { EditorValues } from './form-values.js';
import { type AskedForecast, type Forecast, useAskForecast } from './use-forecast.js';
import type { Intent } from './use-save.js';

interface ConfirmDialogProps {
  intent: Intent;
  values: EditorValues;
  saving: boolean;
  onYes: () => void;
  onNo: () => void;
}

/** Says what will happen to how many, and when, as of this moment; only then does it happen. */
export function ConfirmDialog({ intent, values, saving, onYes, onNo }: ConfirmDialogProps) {
  const { t } = useTranslation('editor');
  const { count } = useFormat();
  const ask = useAskForecast();
  const [asked, setAsked] = useState<AskedForecast>();
  useEffect(() => {
    let isGone = false;
    void ask(values).then((found) => isGone || setAsked(found));
    return () => {
      isGone = true;
    };
  }, [ask, values]);
  const start = intent === 'start';
  const forecast = asked?.forecast;
  const n = forecast ? count(forecast.audienceCount) : '…';
  return (
    <Confirm
      opened
      size="lg"
      title={t(start ? 'confirm.start.title' : 'confirm.schedule.title')}
      no={t('confirm.no')}
      yes={t(start ? 'confirm.start.yes' : 'confirm.schedule.yes', { count: forecast?.audienceCount ?? 0, n })}
      first="yes"
      isDoing={saving}
      isHeld={!forecast}
      error={asked?.error}
      refused={asked?.refusal}
      onClose={onNo}
      onYes={onYes}
    >
      <Text fw={650}>{values.name}</Text>
      {asked === undefined ? <Skeleton height={80} /> : null}
      {forecast ? <Prospect forecast={forecast} /> : null}
    </Confirm>
  );
}

/** Whom it reaches first, where and by whose clock; who waits, who is too late. */
function Prospect({ forecast }: { forecast: Forecast }) {
  const { t } = useTranslation('editor');
  const { count, moment } = useFormat();
  const { audienceCount, expiredCount, timeZones } = forecast;
  const first = timeZones.find(({ firstSendAt }) => firstSendAt !== null && firstSendAt === forecast.firstSendAt);
  const soon = Date.now() + 60_000;
  const atOnce = timeZones.filter(({ firstSendAt }) => firstSendAt !== null && Date.parse(firstSendAt) < soon);
  const now = atOnce.reduce((sum, { sentCount }) => sum + sentCount, 0);
  const later = forecast.sentCount - now;
  const zone = first && zoneName(first.timeZone, language());
  const [{ data }] = useQuery({ query: SendingStateDocument });
  const isStopped = data?.sending.stopped === true;
  return (
    <Stack gap={6}>
      <Text>{t('confirm.audience', { count: audienceCount, n: count(audienceCount) })}</Text>
      {isStopped ? (
        <Alert color="orange" variant="outline" p="xs">
          {t('confirm.stopped')}
        </Alert>
      ) : null}
      {first?.firstSendAt && !isStopped ? (
        <Text>
          {now > 0
            ? t('confirm.atOnce', { zone, at: moment(first.firstSendAt, first.timeZone) })
            : t('confirm.first', { zone, at: moment(first.firstSendAt, first.timeZone) })}
        </Text>
      ) : null}
      {now > 0 && later > 0 ? <Text>{t('confirm.later', { count: later, n: count(later) })}</Text> : null}
      {expiredCount > 0 ? (
        <Alert color="orange" variant="outline" p="xs">
          {t('confirm.expired', { count: expiredCount, n: count(expiredCount) })}
        </Alert>
      ) : null}
    </Stack>
  );
}
