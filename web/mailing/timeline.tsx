import { Text } from '@mantine/core';
import { useTranslation } from 'react-i18next';
import type { MessageWholeFragment } from '../generated/graphql.js';
import { useServerWords } from '../i18n/use-server-words.js';
import { useFormat } from '../ui/format.js';

type Attempt = MessageWholeFragment['timeline'][number];

/** The colour says nothing that the words do not. */
const COLOURS: Record<Attempt['outcome'], string> = {
  ACCEPTED: 'sent',
  REJECTED: 'failed',
  RETRY: 'expired',
  UNKNOWN: 'unknown',
  LOST: 'unknown',
};

/** Every attempt, and what the gateway answered, the oldest first. */
export function Timeline({ attempts }: { attempts: readonly Attempt[] }) {
  const { t } = useTranslation('mailing');
  if (attempts.length === 0) return <Text c="dimmed">{t('timeline.none')}</Text>;
  return (
    <ol className="attempts">
      {attempts.map((attempt) => (
        <One key={attempt.number} attempt={attempt} />
      ))}
    </ol>
  );
}

function One({ attempt: { number, startedAt, endedAt, outcome, gatewayCode, reason } }: { attempt: Attempt }) {
  const { t } = useTranslation('mailing');
  const { count, exact } = useFormat();
  const inWords = useServerWords();
  const took = endedAt ? Date.parse(endedAt) - Date.parse(startedAt) : null;
  return (
    <li>
      <span className="dot" data-part={COLOURS[outcome]} aria-hidden />
      <div>
        <Text>
          <b>{t('timeline.attempt', { number })}</b> {t(`outcome.${outcome}`)}
        </Text>
        {gatewayCode == null && !reason ? null : (
          <Text size="sm">
            {[gatewayCode == null ? null : t('timeline.code', { code: gatewayCode }), reason && inWords(reason)]
              .filter(Boolean)
              .join(': ')}
          </Text>
        )}
        <Text size="sm" c="dimmed" className="figures">
          {exact(startedAt)}
          {took === null ? null : ` · ${t('timeline.took', { took: count(took) })}`}
        </Text>
      </div>
    </li>
  );
}
