import './words.js';
import { Button, Card, Group, NumberInput, Slider, Stack, Text, Title } from '@mantine/core';
import { memo, useId } from 'react';
import { useTranslation } from 'react-i18next';
import { useQuery } from 'urql';
import { ChannelLimitsDocument, type SteeredMailingFragment } from '../generated/graphql.js';
import { useMay } from '../shell/viewer.js';
import { useFormat } from '../ui/format.js';
import { Refused } from '../ui/refused.js';
import { useNow } from '../ui/use-now.js';
import { effectOf, limitAt, MARKS, MOST, NO_LIMIT, placeOf } from './rate-scale.js';
import { useSteered } from './steered.js';
import { useRateLimit } from './use-rate-limit.js';

const MAY_HURRY: readonly string[] = ['RUNNING', 'PAUSED'];

/** How many messages a second a mailing may send, changed while it runs. Nothing where it does not run. */
export function RateSlider() {
  const { mailing } = useSteered();
  if (mailing === undefined || !MAY_HURRY.includes(mailing.status)) return null;
  return <RateCard key={mailing.id} mailing={mailing} />;
}

function RateCard({ mailing }: { mailing: SteeredMailingFragment }) {
  const { t } = useTranslation('steer');
  const { count } = useFormat();
  const mayWrite = useMay('MAILINGS_WRITE');
  const title = useId();
  const { wanted, choose, state, trouble } = useRateLimit(mailing);
  const said = wanted === null ? t('rate.none') : t('rate.of', { rate: count(wanted) });
  return (
    <Card withBorder padding="md" component="section" aria-labelledby={title}>
      <Group justify="space-between" mb="xs">
        <Title order={2} size="h5" id={title}>
          {t('rate.title')}
        </Title>
        <Text size="sm" c="dimmed" role="status">
          {state === 'waiting' ? t('rate.waiting') : state === 'saved' ? t('rate.saved') : said}
        </Text>
      </Group>
      <Stack gap="sm">
        {mayWrite ? <RateControls wanted={wanted} choose={choose} label={said} /> : null}
        <Refused>{trouble}</Refused>
        <Effect wanted={wanted} mailing={mailing} />
      </Stack>
    </Card>
  );
}

interface RateControlsProps {
  wanted: number | null;
  choose: (limit: number | null) => void;
  label: string;
}

/** Drawn anew only for another wish: `choose` is another one only then, too. */
const RateControls = memo(function RateControls({ wanted, choose, label }: RateControlsProps) {
  const { t } = useTranslation('steer');
  const { count } = useFormat();
  return (
    <Group align="flex-end" gap="lg">
      <Slider
        style={{ flex: '1 1 16rem' }}
        mb="lg"
        mx="xs"
        min={0}
        max={NO_LIMIT}
        step={1}
        value={placeOf(wanted)}
        onChange={(place) => choose(limitAt(place))}
        label={label}
        thumbLabel={t('rate.title')}
        thumbProps={{ 'aria-valuetext': label }}
        marks={[...MARKS.map(({ value, limit }) => ({ value, label: count(limit) })), { value: NO_LIMIT, label: '∞' }]}
      />
      <NumberInput
        w="9rem"
        label={t('rate.exact')}
        placeholder={t('rate.none')}
        value={wanted ?? ''}
        min={1}
        max={MOST}
        allowDecimal={false}
        allowNegative={false}
        thousandSeparator=" "
        onChange={(value) => {
          if (typeof value === 'number' && value >= 1 && value <= MOST) choose(value);
        }}
      />
      <Button variant="default" onClick={() => choose(null)} disabled={wanted === null}>
        {t('rate.lift')}
      </Button>
    </Group>
  );
}, isSameWish);

function isSameWish(before: RateControlsProps, after: RateControlsProps): boolean {
  return before.wanted === after.wanted && before.label === after.label;
}

/** What it would mean for what is left, in words. */
function Effect({ wanted, mailing }: { wanted: number | null; mailing: SteeredMailingFragment }) {
  const { t } = useTranslation('steer');
  const { count, decimal, duration, moment } = useFormat();
  const now = useNow();
  const [{ data }] = useQuery({ query: ChannelLimitsDocument });
  const { progress, endsAt, rateLimit, channel } = mailing;
  const channelLimit = data?.channels.find(({ name }) => name === channel)?.rateLimit ?? null;
  const pace = { open: progress.open, measured: progress.ratePerSecond, channelLimit, limit: rateLimit, now };
  const { rate, takes, late, isHeldByChannel } = effectOf(wanted, { ...pace, endsAt: Date.parse(endsAt) });
  const open = { count: progress.open, n: count(progress.open) };
  return (
    <div aria-live="polite">
      <Text size="sm">
        {takes === null || rate === null
          ? t('rate.cannotTell', open)
          : t('rate.takes', { ...open, duration: duration(takes), rate: decimal(rate) })}{' '}
        {isHeldByChannel ? t('rate.channel', { rate: count(channelLimit ?? 0) }) : null}
      </Text>
      {late > 0 ? (
        <Text size="sm" fw={600} style={{ color: 'var(--expired)' }}>
          {t('rate.late', { count: late, n: count(late), at: moment(endsAt) })}
        </Text>
      ) : null}
    </div>
  );
}
