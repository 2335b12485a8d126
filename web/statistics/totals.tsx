import { useTranslation } from 'react-i18next';
import type { StatisticsQuery } from '../generated/graphql.js';
import { CountsBar } from '../ui/counts-bar.js';
import { useFormat } from '../ui/format.js';

/** The stretch of time as a whole: how many mailings, and what became of all messages. */
export function Totals({
  statistics: { mailingCount, launchedCount, messages },
}: {
  statistics: StatisticsQuery['statistics'];
}) {
  const { t } = useTranslation('statistics');
  const { count } = useFormat();
  return (
    <section className="totals" aria-label={t('totals')}>
      <p>
        {t('mailings', { count: mailingCount, n: count(mailingCount) })},{' '}
        {t('launched', { count: launchedCount, n: count(launchedCount) })}
      </p>
      <CountsBar counts={messages} />
    </section>
  );
}
