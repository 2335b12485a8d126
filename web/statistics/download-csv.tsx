import { Button } from '@mantine/core';
import { useTranslation } from 'react-i18next';
import type { StatisticsGroupBy } from '../generated/graphql.js';
import { COUNT_PARTS } from '../ui/count-parts.js';
import { type Shown, toCsv } from './groups.js';

/** Gives what is shown as a file. */
export function DownloadCsv({ rows, by }: { rows: readonly Shown[]; by: StatisticsGroupBy }) {
  const { t } = useTranslation('statistics');
  const { t: word } = useTranslation('ui');
  const give = () => {
    const head = [t(`by.${by}`), t('total'), ...COUNT_PARTS.map((part) => word(`counts.${part}`))];
    // With the mark by which Excel knows UTF-8.
    const address = URL.createObjectURL(new Blob(['\ufeff', toCsv(head, rows)], { type: 'text/csv;charset=utf-8' }));
    const link = document.createElement('a');
    link.href = address;
    link.download = `statistics-${by.toLowerCase()}.csv`;
    link.click();
    // The browser has it by then.
    setTimeout(() => URL.revokeObjectURL(address), 60_000);
  };
  return (
    <Button variant="default" size="compact-sm" onClick={give}>
      {t('csv')}
    </Button>
  );
}
