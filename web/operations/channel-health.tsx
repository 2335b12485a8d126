import { Stack, Text } from '@mantine/core';
import { useTranslation } from 'react-i18next';
import type { ChannelPartsFragment } from '../generated/graphql.js';
import { useServerWords } from '../i18n/use-server-words.js';
import { useFormat } from '../ui/format.js';
import { Fact, Facts, Section } from './section.js';

/** The ways to send: what limits each, and which workers have found it out of order. */
export function ChannelHealth({ channels }: { channels: readonly ChannelPartsFragment[] }) {
  const { t } = useTranslation('operations');
  if (channels.length === 0) return null;
  return (
    <Section title={t('channels.title')}>
      <Stack gap="sm">
        {channels.map((channel) => (
          <OneChannel key={channel.name} channel={channel} />
        ))}
      </Stack>
    </Section>
  );
}

function OneChannel({ channel }: { channel: ChannelPartsFragment }) {
  const { t } = useTranslation('operations');
  const { clock } = useFormat();
  const inWords = useServerWords();
  const { name, circuits } = channel;
  return (
    <div>
      <Facts>
        <Fact name={t(`channel.${name}`)} isBad={circuits.length > 0}>
          {circuits.length > 0 ? t('channels.open', { count: circuits.length, n: circuits.length }) : t('works')}
        </Fact>
        <Fact name={t('channels.limit')}>
          <LimitText rateLimit={channel.rateLimit} />
        </Fact>
      </Facts>
      {circuits.map(({ worker, openedAt, probeAt, reason }) => (
        <Text key={worker} size="sm" mt={4}>
          {t('channels.circuit', { since: clock(openedAt), reason: inWords(reason), at: clock(probeAt) })}
        </Text>
      ))}
    </div>
  );
}

/** A limit in words. */
export function LimitText({ rateLimit }: { rateLimit: number | null }) {
  const { t } = useTranslation('operations');
  const { count } = useFormat();
  return rateLimit === null
    ? t('channels.noLimit')
    : t('channels.perSecond', { count: rateLimit, n: count(rateLimit) });
}
