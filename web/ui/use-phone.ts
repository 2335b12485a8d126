import './words.js';
import { useTranslation } from 'react-i18next';
import { isErased, shownPhone } from './phone.js';

/** How a phone is shown where it may have been erased: with a message it outlives its client. */
export function usePhone(): (phone: string) => string {
  const { t } = useTranslation('ui');
  return (phone) => (isErased(phone) ? t('phone.erased') : shownPhone(phone));
}
