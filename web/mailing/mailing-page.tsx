import './words.js';
import './mailing.css';
import { Button } from '@mantine/core';
import { useDocumentTitle } from '@mantine/hooks';
import { lazy, memo, Suspense, useMemo } from 'react';
import { useTranslation } from 'react-i18next';
import { type CombinedError, useSubscription } from 'urql';
import { Link, useParams } from 'wouter';
import { live } from '../api/client.js';
import { MailingProgressDocument } from '../generated/graphql.js';
import { SteeredProvider } from '../steer/steered.js';
import { Empty } from '../ui/empty.js';
import { PageSkeleton } from '../ui/page-skeleton.js';
import { Trouble } from '../ui/trouble.js';
import { BigScreen } from './big-screen.js';
import { MailingHead } from './mailing-head.js';
import { MailingTabs } from './mailing-tabs.js';
import { MessageStream } from './message-stream.js';
import { usePlace } from './place.js';
import { type MailingTerms, useMailing } from './use-mailing.js';
import { ProgressContext } from './use-progress.js';

const MessageDrawer = lazy(() => import('./message-drawer.js'));

/** One mailing, as it goes. */
export default function MailingPage() {
  const { id = '' } = useParams<{ id: string }>();
  const { mailing, error, askAgain } = useMailing(id);
  if (mailing) {
    const { progress, ...terms } = mailing;
    return (
      <SteeredProvider key={mailing.id} mailingId={mailing.id}>
        <FollowProgress mailingId={mailing.id} />
        <ProgressContext value={progress}>
          <TheMailing mailing={terms} />
        </ProgressContext>
      </SteeredProvider>
    );
  }
  if (error) return <NoMailing error={error} onAgain={askAgain} />;
  return <PageSkeleton />;
}

/** Its events go to the cache. It draws nothing, so that an event has nothing drawn but what changed by it. */
const FollowProgress = memo(function FollowProgress({ mailingId }: { mailingId: string }) {
  useSubscription({ query: MailingProgressDocument, variables: { mailingId } });
  return null;
});

const TheMailing = memo(function TheMailing({ mailing }: { mailing: MailingTerms }) {
  const { id } = mailing;
  const stream = useMemo(() => new MessageStream(id, live.subscribe), [id]);
  const [{ message }] = usePlace();
  useDocumentTitle(`${mailing.name} · Heliograph`);
  return (
    <>
      <MailingHead mailing={mailing} />
      <MailingTabs mailing={mailing} stream={stream} />
      <BigScreen mailing={mailing} />
      {message ? (
        <Suspense>
          <MessageDrawer key={message} id={message} mailing={mailing} stream={stream} />
        </Suspense>
      ) : null}
    </>
  );
}, isSame);

/** The cache gives a filter anew with each event. */
function isSame(before: { mailing: MailingTerms }, after: { mailing: MailingTerms }): boolean {
  return JSON.stringify(before.mailing) === JSON.stringify(after.mailing);
}

function NoMailing({ error, onAgain }: { error: CombinedError; onAgain: () => void }) {
  const { t } = useTranslation('mailing');
  const isGone = error.graphQLErrors.some(({ extensions }) =>
    ['NOT_FOUND', 'BAD_USER_INPUT'].includes(String(extensions['code'])),
  );
  if (!isGone) return <Trouble error={error} onAgain={onAgain} />;
  return (
    <Empty level={1} title={t('gone.title')} text={t('gone.text')}>
      <Button component={Link} href="/">
        {t('gone.home')}
      </Button>
    </Empty>
  );
}
