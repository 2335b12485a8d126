import { useTranslation } from 'react-i18next';
import { useFormat } from '../ui/format.js';
import { useNow } from '../ui/use-now.js';
import type { MailingTerms } from './use-mailing.js';

/** What comes next, and in how long: the start of one that is scheduled, else its end; null: nothing. */
export function useNextMoment({ status, startsAt, endsAt, finishedAt }: MailingTerms): string | null {
  const { t } = useTranslation('mailing');
  const { duration, moment } = useFormat();
  const isUnderWay = status === 'RUNNING' || status === 'PAUSED';
  const now = useNow();
  if (finishedAt && !isUnderWay)
    return t(`times.${status === 'CANCELLED' ? 'cancelled' : 'finished'}`, { at: moment(finishedAt) });
  if (status === 'SCHEDULED') {
    const left = Date.parse(startsAt) - now;
    return left > 0 ? t('times.startsIn', { duration: duration(left) }) : t('times.startsNow');
  }
  if (!isUnderWay) return null;
  const left = Date.parse(endsAt) - now;
  return left > 0 ? t('times.endsIn', { duration: duration(left) }) : t('times.ended');
}
