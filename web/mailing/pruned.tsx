import { useTranslation } from 'react-i18next';
import { Empty } from '../ui/empty.js';
import { useFormat } from '../ui/format.js';
import { daysKept } from './days-kept.js';
import type { MailingTerms } from './use-mailing.js';

/** Stands where messages would be that were removed as old. */
export function Pruned({ prunedAt, finishedAt }: { prunedAt: string } & Pick<MailingTerms, 'finishedAt'>) {
  const { t } = useTranslation('mailing');
  const { count, day } = useFormat();
  const days = daysKept(finishedAt ?? prunedAt, prunedAt);
  return (
    <Empty title={t('pruned.title')} text={t('pruned.text', { day: day(prunedAt), count: days, n: count(days) })} />
  );
}
