import { useTranslation } from 'react-i18next';
import { Link } from 'wouter';
import type { StatisticsGroupBy } from '../generated/graphql.js';
import { COUNT_PARTS } from '../ui/count-parts.js';
import { useFormat } from '../ui/format.js';
import type { Shown } from './groups.js';

/** The groups in figures. Columns of nothing but zeros are left out; by status there is one number each. */
export function GroupsTable({ rows, by }: { rows: readonly Shown[]; by: StatisticsGroupBy }) {
  const { t } = useTranslation('statistics');
  const { t: word } = useTranslation('ui');
  const { count, share } = useFormat();
  const whole = rows.reduce((sum, { counts }) => sum + counts.total, 0);
  const parts = by === 'STATUS' ? [] : COUNT_PARTS.filter((part) => rows.some(({ counts }) => counts[part] > 0));
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls sideways must be reached by keyboard
    <section className="figures-table" tabIndex={0} aria-label={t('table')}>
      <table>
        <thead>
          <tr>
            <th scope="col">{t(`by.${by}`)}</th>
            <th scope="col">{t('total')}</th>
            {by === 'STATUS' ? <th scope="col">{t('share')}</th> : null}
            {parts.map((part) => (
              <th key={part} scope="col">
                <span className="dot" style={{ background: `var(--${part})` }} /> {word(`counts.${part}`)}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {rows.map(({ id, label, href, counts }) => (
            <tr key={id}>
              <th scope="row">{href ? <Link href={href}>{label}</Link> : label}</th>
              <td>{count(counts.total)}</td>
              {by === 'STATUS' ? <td>{share(counts.total, whole)}</td> : null}
              {parts.map((part) => (
                <td key={part}>{count(counts[part])}</td>
              ))}
            </tr>
          ))}
        </tbody>
      </table>
    </section>
  );
}
