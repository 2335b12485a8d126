import { Text, Title } from '@mantine/core';
import { useTranslation } from 'react-i18next';
import { weekdayNames } from '../ui/days.js';
import { useFormat } from '../ui/format.js';
import type { MailingTerms } from './use-mailing.js';

/** What is sent to whom, within which hours. */
export function Details({ mailing }: { mailing: MailingTerms }) {
  const { t } = useTranslation('mailing');
  const { count } = useFormat();
  const { text, rateLimit, maxAttempts, unknownOutcome, channel } = mailing;
  return (
    <section>
      <Title order={2} size="h4" mb="sm">
        {t('details.title')}
      </Title>
      <blockquote className="mailing-text">{text}</blockquote>
      <dl className="details">
        <Audience mailing={mailing} />
        <Detail name={t('details.window')} value={useWindowWords(mailing)} />
        <Detail
          name={t('details.rateLimit')}
          value={rateLimit == null ? t('details.noLimit') : t('figures.perSecond', { rate: count(rateLimit) })}
        />
        <Detail
          name={t('details.attempts')}
          value={maxAttempts == null ? t('details.untilEnd') : t('details.upTo', { count: maxAttempts })}
        />
        <Detail name={t('details.unknown')} value={t(`details.unknown.${unknownOutcome}`)} />
        <Detail name={t('details.channel')} value={t(`details.channel.${channel}`)} />
      </dl>
    </section>
  );
}

function Audience({ mailing: { filter } }: { mailing: MailingTerms }) {
  const { t } = useTranslation('mailing');
  const parts = [
    ['details.tagsAny', filter.tagsAny],
    ['details.tagsAll', filter.tagsAll],
    ['details.operators', filter.operatorCodes],
    ['details.timeZones', filter.timeZones],
  ] as const;
  const set = parts.filter(([, values]) => values.length > 0);
  if (set.length === 0) return <Detail name={t('details.audience')} value={t('details.everybody')} />;
  return set.map(([name, values]) => <Detail key={name} name={t(name)} value={values.join(', ')} />);
}

function Detail({ name, value }: { name: string; value: string }) {
  return (
    <div>
      <Text component="dt" size="sm" c="dimmed">
        {name}
      </Text>
      <dd>{value}</dd>
    </div>
  );
}

function useWindowWords({ allowedFrom, allowedTo, weekdays }: MailingTerms): string {
  const { t, i18n } = useTranslation('mailing');
  const hours =
    allowedFrom && allowedTo
      ? t('details.hours', { from: allowedFrom.slice(0, 5), to: allowedTo.slice(0, 5) })
      : t('details.anyHour');
  if (!weekdays || weekdays.length === 7) return hours;
  return `${hours}, ${weekdayNames(weekdays, i18n.language)}`;
}
