import { Button, Group, NumberInput, Skeleton, Stack, Text } from '@mantine/core';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { useMutation, useQuery } from 'urql';
import { type ChannelPartsFragment, ChannelsDocument, LimitChannelDocument } from '../generated/graphql.js';
import { Confirm } from '../ui/confirm.js';
import { useFormat } from '../ui/format.js';
import { Trouble } from '../ui/trouble.js';
import { LimitText } from './channel-health.js';
import { MOST_PER_SECOND, readLimit } from './read-limit.js';
import { Fact, Facts, Section } from './section.js';
import { HowMany } from './sending-switch.js';

/** How fast each way to send may be, for all workers together. */
export function ChannelLimits({ mayControl }: { mayControl: boolean }) {
  const { t } = useTranslation('operations');
  const [{ data, error }, ask] = useQuery({ query: ChannelsDocument, requestPolicy: 'cache-and-network' });
  return (
    <Section title={t('limits.title')}>
      <Text c="dimmed" mb="sm">
        {t('limits.text')}
      </Text>
      {error ? <Trouble error={error} onAgain={() => ask({ requestPolicy: 'network-only' })} /> : null}
      {data === undefined && !error ? <Skeleton height={120} /> : null}
      <Stack gap="md">
        {data?.channels.map((channel) => (
          <OneLimit key={`${channel.name} ${channel.rateLimit}`} channel={channel} mayControl={mayControl} />
        ))}
      </Stack>
    </Section>
  );
}

function OneLimit({ channel, mayControl }: { channel: ChannelPartsFragment; mayControl: boolean }) {
  const { t } = useTranslation('operations');
  const { name, rateLimit } = channel;
  const [given, setGiven] = useState<number | string>(rateLimit ?? '');
  const [asked, setAsked] = useState(false);
  const wanted = readLimit(given);
  return (
    <div>
      <Facts>
        <Fact name={t(`channel.${name}`)}>
          <LimitText rateLimit={rateLimit} />
        </Fact>
      </Facts>
      {mayControl ? (
        <Group align="end" gap="sm" mt="xs">
          <NumberInput
            label={t('limits.field', { channel: t(`channel.${name}`) })}
            description={t('limits.empty')}
            value={given}
            onChange={setGiven}
            min={1}
            max={MOST_PER_SECOND}
            allowDecimal={false}
            thousandSeparator=" "
            error={wanted === undefined ? t('limits.wrong') : null}
            w="100%"
            maw="22rem"
          />
          <Button
            variant="default"
            disabled={wanted === undefined || wanted === rateLimit}
            onClick={() => setAsked(true)}
          >
            {t('limits.set')}
          </Button>
        </Group>
      ) : null}
      <LimitDialog channel={channel} wanted={wanted ?? null} opened={asked} onClose={() => setAsked(false)} />
    </div>
  );
}

interface LimitDialogProps {
  channel: ChannelPartsFragment;
  wanted: number | null;
  opened: boolean;
  onClose: () => void;
}

function LimitDialog({ channel, wanted, opened, onClose }: LimitDialogProps) {
  const { t } = useTranslation('operations');
  const { count } = useFormat();
  const [{ data, error, fetching }, limit] = useMutation(LimitChannelDocument);
  const onYes = async () => {
    const done = await limit({ name: channel.name, rateLimit: wanted });
    if (done.data?.channelUpdate.channel) onClose();
  };
  const words = { channel: t(`channel.${channel.name}`) };
  const perSecond = (limit: number) => t('channels.perSecond', { count: limit, n: count(limit) });
  return (
    <Confirm
      {...{ opened, onClose, error }}
      title={t('limits.title')}
      no={t('back')}
      yes={t('limits.set')}
      isDoing={fetching}
      refused={data?.channelUpdate.userErrors[0]?.message}
      onYes={onYes}
    >
      <Text>
        {wanted === null ? t('limits.lift', words) : t('limits.will', { ...words, limit: perSecond(wanted) })}{' '}
        {channel.rateLimit === null ? t('limits.wasNone') : t('limits.was', { limit: perSecond(channel.rateLimit) })}
      </Text>
      <Text>{t('limits.soon')}</Text>
      <HowMany opened={opened} />
    </Confirm>
  );
}
