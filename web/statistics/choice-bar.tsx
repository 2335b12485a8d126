import { NativeSelect } from '@mantine/core';
import { useTranslation } from 'react-i18next';
import { Link } from 'wouter';
import type { StatisticsGroupBy } from '../generated/graphql.js';
import { DayRange } from '../ui/day-range.js';
import { GROUPINGS, ownZone, PERIODS, type Period, type StatisticsChoice, writeChoice } from './statistics-choice.js';

interface Props {
  choice: StatisticsChoice;
  choose: (change: Partial<StatisticsChoice>) => void;
}

/** Over what time, and how they are told apart. */
export function ChoiceBar({ choice, choose }: Props) {
  const { t } = useTranslation('statistics');
  return (
    <search className="choice">
      <nav className="pills" aria-label={t('period')}>
        {(Object.keys(PERIODS) as Period[]).map((period) => (
          <Link
            key={period}
            href={addressOf({ ...choice, period })}
            replace
            aria-current={period === choice.period ? 'page' : undefined}
          >
            {t(`period.${period}`)}
          </Link>
        ))}
      </nav>
      <div className="choice-fields">
        {choice.period === 'own' ? (
          <DayRange from={choice.from} to={choice.to} labels={{ from: t('from'), to: t('to') }} choose={choose} />
        ) : null}
        <NativeSelect
          label={t('by')}
          value={choice.by}
          onChange={({ currentTarget }) => choose({ by: currentTarget.value as StatisticsGroupBy })}
          data={GROUPINGS.map((by) => ({ value: by, label: t(`by.${by}`) }))}
        />
        {choice.by === 'HOUR' ? (
          <NativeSelect
            label={t('clock')}
            value={choice.clock}
            onChange={({ currentTarget }) => choose({ clock: currentTarget.value as StatisticsChoice['clock'] })}
            data={[
              { value: 'theirs', label: t('clock.theirs') },
              { value: 'mine', label: t('clock.mine', { zone: ownZone() }) },
            ]}
          />
        ) : null}
      </div>
    </search>
  );
}

function addressOf(choice: StatisticsChoice): string {
  const query = writeChoice(choice).toString();
  return query ? `/statistics?${query}` : '/statistics';
}
