import type { ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import { Empty } from '../ui/empty.js';
import { Paged, type PagedProps } from '../ui/paged.js';

interface Props<Data, Variables extends object, Node extends { id: string }>
  extends Omit<PagedProps<Data, Variables, Node>, 'wrap' | 'first' | 'after'> {
  /** What the table holds. */
  label: string;
  /** Null: the column of what can be done. */
  columns: readonly (string | null)[];
  /** In place of no row. */
  none: { title: string; text: string };
}

/** A list of the API as a table, more of it as one scrolls; on a phone each row is a card. */
export function Rows<Data, Variables extends object, Node extends { id: string }>(props: Props<Data, Variables, Node>) {
  const { label, columns, none, ...list } = props;
  const { t } = useTranslation('access');
  const wrap = (content: ReactNode) => (
    <tr>
      <td colSpan={columns.length}>{content}</td>
    </tr>
  );
  return (
    <table className="rows" aria-label={label}>
      <thead>
        <tr>
          {columns.map((column) => (
            <th key={column} scope="col">
              {column ?? <span className="visually-hidden">{t('act')}</span>}
            </th>
          ))}
        </tr>
      </thead>
      <tbody>
        <Paged {...list} wrap={wrap} first={(number) => (number === 0 ? wrap(<Empty {...none} />) : null)} />
      </tbody>
    </table>
  );
}
