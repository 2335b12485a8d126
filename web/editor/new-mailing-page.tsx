import './words.js';
import { useTranslation } from 'react-i18next';
import { useMay } from '../shell/viewer.js';
import { Forbidden } from '../ui/forbidden.js';
import { MailingForm } from './mailing-form.js';

/** Write a mailing. */
export default function NewMailingPage() {
  const { t } = useTranslation('editor');
  if (useMay('MAILINGS_WRITE')) return <MailingForm mailing={null} />;
  return <Forbidden title={t('title.new')} permission={t('permission')} />;
}
