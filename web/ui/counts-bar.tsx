import './words.js';
import { Group, Text } from '@mantine/core';
import { useTranslation } from 'react-i18next';
import type { ProgressCountsFragment } from '../generated/graphql.js';
import { COUNT_PARTS, type CountPart } from './count-parts.js';
import { useFormat } from './format.js';

type Counts = Pick<ProgressCountsFragment, CountPart | 'total'>;

/** A mailing's counts by status as one stacked bar, with the figures in words under it. */
export function CountsBar({ counts }: { counts: Counts }) {
  const { t } = useTranslation('ui');
  const { count, share } = useFormat();
  const parts = COUNT_PARTS.filter((part) => counts[part] > 0);
  return (
    <div>
      <div className="counts-bar" aria-hidden>
        {parts.map((part) => (
          <span key={part} style={{ width: `${(counts[part] / counts.total) * 100}%`, background: `var(--${part})` }} />
        ))}
      </div>
      <Group gap="md" mt={6} className="figures">
        <Text size="sm">
          {t('counts.ofTotal', {
            sent: count(counts.sent),
            total: count(counts.total),
            share: share(counts.sent, counts.total),
          })}
        </Text>
        {parts
          .filter((part) => part !== 'sent')
          .map((part) => (
            <Text key={part} size="sm" c="dimmed">
              <span className="dot" style={{ background: `var(--${part})` }} /> {count(counts[part])}{' '}
              {t(`counts.${part}`)}
            </Text>
          ))}
      </Group>
    </div>
  );
}
