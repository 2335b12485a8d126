import './words.js';
import { useTranslation } from 'react-i18next';
import { Empty } from './empty.js';
import { Page } from './page.js';

/** In place of a page that whoever is signed in may not see: says what they would need. */
export function Forbidden({ title, permission }: { title: string; permission: string }) {
  const { t } = useTranslation('ui');
  return (
    <Page title={title}>
      <Empty title={t('forbidden.title')} text={t('forbidden.text', { permission })} />
    </Page>
  );
}
