import { Button } from '@mantine/core';
import { useTranslation } from 'react-i18next';
import { Link } from 'wouter';
import { MailingsDocument } from '../generated/graphql.js';
import { Empty } from '../ui/empty.js';
import { Paged } from '../ui/paged.js';
import { askedFor, type ListChoice } from './list-choice.js';
import { MailingRow } from './mailing-row.js';

/** Mailings asked for at a time. */
const PART = 25;

/** The mailings that were chosen, more of them as one scrolls. */
export function MailingList({ choice }: { choice: ListChoice }) {
  return (
    <ul className="mailing-list">
      <Paged
        query={MailingsDocument}
        choice={{ first: PART, statuses: choice.status && [choice.status], ...askedFor(choice) }}
        read={({ mailings }) => mailings}
        wrap={(content) => <li>{content}</li>}
        first={(number, fetching) => <Found number={number} fetching={fetching} />}
      >
        {(mailing) => <MailingRow mailing={mailing} />}
      </Paged>
    </ul>
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
