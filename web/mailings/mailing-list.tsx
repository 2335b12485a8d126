import { Button } from '@mantine/core';
import { useIntersection } from '@mantine/hooks';
import { useEffect, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { useQuery } from 'urql';
import { Link } from 'wouter';
import { MailingsDocument } from '../generated/graphql.js';
import { Empty } from '../ui/empty.js';
import { PageSkeleton } from '../ui/page-skeleton.js';
import { Trouble } from '../ui/trouble.js';
import { askedFor, type ListChoice, writeChoice } from './list-choice.js';
import { MailingRow } from './mailing-row.js';

/** Mailings asked for at a time. */
const PART = 25;

/** The mailings that were chosen, more of them as one scrolls. */
export function MailingList({ choice }: { choice: ListChoice }) {
  return (
    <ul className="mailing-list">
      <Part choice={choice} after={null} />
    </ul>
  );
}

/** Some mailings, and what comes behind them once it is looked for: each part knows by the one before it where it begins, also when that one changes. */
function Part({ choice, after }: { choice: ListChoice; after: string | null }) {
  const key = writeChoice(choice).toString();
  // For which choice more is wanted: with another one it begins at the top.
  const [moreOf, setMoreOf] = useState<string | null>(null);
  const [{ data, error, fetching }, ask] = useQuery({
    query: MailingsDocument,
    variables: { first: PART, after, statuses: choice.status && [choice.status], ...askedFor(choice) },
    requestPolicy: 'cache-and-network',
  });
  if (data === undefined) {
    if (!error) return after === null ? <PageSkeleton /> : null;
    return (
      <li>
        <Trouble error={error} onAgain={() => ask({ requestPolicy: 'network-only' })} />
      </li>
    );
  }
  const { edges, totalCount, pageInfo } = data.mailings;
  const more = pageInfo.hasNextPage && pageInfo.endCursor;
  return (
    <>
      {after === null ? <Found number={totalCount} fetching={fetching} /> : null}
      {edges.map(({ node }) => (
        <MailingRow key={node.id} mailing={node} />
      ))}
      {more && moreOf === key ? <Part choice={choice} after={more} /> : null}
      {more && moreOf !== key && !fetching ? <More onWanted={() => setMoreOf(key)} /> : null}
    </>
  );
}

/** How many there are, for those who don't see the list change; and in place of an empty list a way on. */
function Found({ number, fetching }: { number: number; fetching: boolean }) {
  const { t } = useTranslation('mailings');
  return (
    <li aria-busy={fetching}>
      <p className="visually-hidden" role="status">
        {t('shown', { count: number })}
      </p>
      {number === 0 ? (
        <Empty title={t('none.title')} text={t('none.text')}>
          <Button component={Link} href="/" variant="default">
            {t('none.all')}
          </Button>
        </Empty>
      ) : null}
    </li>
  );
}

/** Wanted as soon as it comes near the window; a button for those who get there by keyboard. */
function More({ onWanted }: { onWanted: () => void }) {
  const { t } = useTranslation('mailings');
  const { ref, entry } = useIntersection<HTMLLIElement>({ rootMargin: '600px' });
  const near = entry?.isIntersecting === true;
  // biome-ignore lint/correctness/useExhaustiveDependencies: once, when it comes near
  useEffect(() => {
    if (near) onWanted();
  }, [near]);
  return (
    <li ref={ref}>
      <Button variant="default" onClick={onWanted}>
        {t('more')}
      </Button>
    </li>
  );
}
