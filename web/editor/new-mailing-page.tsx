import './words.js';
import { Text } from '@mantine/core';
import { useTranslation } from 'react-i18next';
import { useMay } from '../shell/viewer.js';
import { Page } from '../ui/page.js';
import { MailingForm } from './mailing-form.js';

/** Write a mailing. */
export default function NewMailingPage() {
  const { t } = useTranslation('editor');
  if (useMay('MAILINGS_WRITE')) return <MailingForm mailing={null} />;
  return (
    <Page title={t('title.new')}>
      <Text>{t('forbidden')}</Text>
    </Page>
  );
}
