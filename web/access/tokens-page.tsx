import './words.js';
import './access.css';
import { Button } from '@mantine/core';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { Link, useSearchParams } from 'wouter';
import { useMay } from '../shell/viewer.js';
import { Page } from '../ui/page.js';
import { NewToken } from './new-token.js';
import { TokenList } from './token-list.js';

/** Secrets for programs: one's own, and for admins everybody's. */
export default function TokensPage() {
  const { t } = useTranslation('access');
  const [params] = useSearchParams();
  const isAdmin = useMay('ACCESS_ADMIN');
  const everybodys = isAdmin && params.get('of') === 'all';
  const [making, setMaking] = useState(false);
  return (
    <Page title={t('tokens.title')} actions={<Button onClick={() => setMaking(true)}>{t('tokens.new')}</Button>}>
      <p className="lead">{t('tokens.lead')}</p>
      {isAdmin ? (
        <nav className="pills" aria-label={t('tokens.of')}>
          <Link href="/tokens" replace aria-current={everybodys ? undefined : 'page'}>
            {t('tokens.mine')}
          </Link>
          <Link href="/tokens?of=all" replace aria-current={everybodys ? 'page' : undefined}>
            {t('tokens.everybodys')}
          </Link>
        </nav>
      ) : null}
      <TokenList everybodys={everybodys} />
      <NewToken opened={making} onClose={() => setMaking(false)} />
    </Page>
  );
}
