import { BarChart } from '@mantine/charts';
import { useTranslation } from 'react-i18next';
import type { StatisticsGroupBy } from '../generated/graphql.js';
import { COUNT_PARTS } from '../ui/count-parts.js';
import { useFormat } from '../ui/format.js';
import type { Shown } from './groups.js';

/** The largest ones; more would be a comb. */
const MOST = 24;

/** The groups as stacked bars, as large as they are; the table beside it says the same in figures. */
export default function GroupsChart({ rows, by }: { rows: readonly Shown[]; by: StatisticsGroupBy }) {
  const { t } = useTranslation('ui');
  const { count } = useFormat();
  const isAcross = by === 'HOUR';
  const drawn = rows.slice(0, MOST).map(({ label, counts }) => ({ ...counts, label }));
  const parts = COUNT_PARTS.filter((part) => drawn.some((row) => row[part] > 0));
  return (
    <div className="chart" aria-hidden>
      <BarChart
        h={isAcross ? 320 : Math.max(160, drawn.length * 34 + 60)}
        data={drawn}
        dataKey="label"
        type="stacked"
        orientation={isAcross ? 'horizontal' : 'vertical'}
        series={parts.map((part) => ({ name: part, label: t(`counts.${part}`), color: `var(--${part})` }))}
        valueFormatter={count}
        gridAxis={isAcross ? 'x' : 'y'}
        textColor="var(--dim)"
        gridColor="var(--line)"
        yAxisProps={{ width: isAcross ? 70 : 120, tick: { fontSize: 12 } }}
        // The table is for the keyboard and for screen readers.
        barChartProps={{ accessibilityLayer: false }}
        barProps={{ isAnimationActive: false }}
        withLegend
        legendProps={{ verticalAlign: 'bottom' }}
      />
    </div>
  );
}
