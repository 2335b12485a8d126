import { useTranslation } from 'react-i18next';
import { Link } from 'wouter';
import type { MailingCountsQuery } from '../generated/graphql.js';
import { useFormat } from '../ui/format.js';
import { type ListChoice, TABS, writeChoice } from './list-choice.js';

/** The mailings by where they stand, each with how many there are; links, so that each has an address. */
export function StatusTabs({ choice, counts }: { choice: ListChoice; counts: MailingCountsQuery | undefined }) {
  const { t } = useTranslation('mailings');
  const { t: word } = useTranslation('ui');
  const { count } = useFormat();
  return (
    <nav className="tabs" aria-label={t('tabs')}>
      {([null, ...TABS] as const).map((status) => {
        const query = writeChoice({ ...choice, status }).toString();
        const number = counts?.[status ?? 'ALL'].totalCount;
        return (
          <Link
            key={status ?? 'ALL'}
            href={query ? `/?${query}` : '/'}
            replace
            aria-current={status === choice.status ? 'page' : undefined}
          >
            {status === null ? t('all') : word(`mailing.${status}`)}{' '}
            <span className="tab-count">{number === undefined ? '\u2007' : count(number)}</span>
          </Link>
        );
      })}
    </nav>
  );
}
