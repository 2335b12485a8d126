import './words.js';
import './mailings.css';
import { Button } from '@mantine/core';
import { lazy, Suspense } from 'react';
import { useTranslation } from 'react-i18next';
import { useQuery } from 'urql';
import { Link, useSearchParams } from 'wouter';
import { MailingCountsDocument } from '../generated/graphql.js';
import { useMay } from '../shell/viewer.js';
import { Page } from '../ui/page.js';
import { FilterBar } from './filter-bar.js';
import { askedFor, type ListChoice, readChoice, writeChoice } from './list-choice.js';
import { MailingList } from './mailing-list.js';
import { StatusTabs } from './status-tabs.js';

const FirstSteps = lazy(() => import('./first-steps.js'));

/** All mailings with their live bars; which of them, and in what order, is in the address. */
export default function MailingsPage() {
  const { t } = useTranslation('mailings');
  const mayWrite = useMay('MAILINGS_WRITE');
  const [params, setParams] = useSearchParams();
  const choice = readChoice(params);
  // The address of now, not of the last drawing: a search that was typed may come in after a click.
  const choose = (change: Partial<ListChoice>) =>
    setParams((now) => writeChoice({ ...readChoice(now), ...change }), { replace: true });
  const [{ data }] = useQuery({
    query: MailingCountsDocument,
    variables: { filter: askedFor(choice).filter ?? null },
    requestPolicy: 'cache-and-network',
  });
  const noneAtAll = data?.ALL.totalCount === 0 && params.size === 0;
  return (
    <Page
      title={t('title')}
      actions={
        mayWrite ? (
          <Button component={Link} href="/mailings/new">
            {t('new')}
          </Button>
        ) : null
      }
    >
      {noneAtAll ? (
        <Suspense>
          <FirstSteps />
        </Suspense>
      ) : (
        <>
          <StatusTabs choice={choice} counts={data} />
          <FilterBar choice={choice} choose={choose} />
          <MailingList choice={choice} />
        </>
      )}
    </Page>
  );
}
