import { Button } from '@mantine/core';
import { useTranslation } from 'react-i18next';
import { Link } from 'wouter';
import { Empty } from '../ui/empty.js';

/** No page at this address, or nothing by this id. */
export function NotFound() {
  const { t } = useTranslation('shell');
  return (
    <Empty level={1} title={t('notFound.title')} text={t('notFound.text')}>
      <Button component={Link} href="/">
        {t('notFound.home')}
      </Button>
    </Empty>
  );
}
