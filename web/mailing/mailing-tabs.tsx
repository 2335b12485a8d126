import { Tabs } from '@mantine/core';
import { lazy, Suspense } from 'react';
import { useTranslation } from 'react-i18next';
import { useFormat } from '../ui/format.js';
import { PageSkeleton } from '../ui/page-skeleton.js';
import type { MessageStream } from './message-stream.js';
import { Overview } from './overview.js';
import { TABS, type Tab, usePlace } from './place.js';
import { Pruned } from './pruned.js';
import type { MailingTerms } from './use-mailing.js';
import { useProgress } from './use-progress.js';

const MessageTable = lazy(() => import('./message-table.js'));
const Failures = lazy(() => import('../steer/failures.js'));
const History = lazy(() => import('../steer/history.js'));

/** The parts of the page; the address says which one is shown. */
export function MailingTabs({ mailing, stream }: { mailing: MailingTerms; stream: MessageStream }) {
  const { t } = useTranslation('mailing');
  const [{ tab }, go] = usePlace();
  const { prunedAt, finishedAt } = mailing;
  const pruned = prunedAt === null ? null : <Pruned {...{ prunedAt, finishedAt }} />;
  return (
    <Tabs value={tab} onChange={(next) => go({ tab: (next ?? 'overview') as Tab })} keepMounted={false} mt="md">
      <Tabs.List mb="md" className="mailing-tabs">
        {TABS.map((name) => (
          <Tabs.Tab key={name} value={name}>
            {t(`tab.${name}`)}
            {name === 'failures' ? <Missed /> : null}
          </Tabs.Tab>
        ))}
      </Tabs.List>
      <Tabs.Panel value="overview">
        <Overview mailing={mailing} stream={stream} />
      </Tabs.Panel>
      <Tabs.Panel value="messages">
        {pruned ?? (
          <Suspense fallback={<PageSkeleton />}>
            <MessageTable mailing={mailing} stream={stream} />
          </Suspense>
        )}
      </Tabs.Panel>
      <Tabs.Panel value="failures">
        {pruned ?? (
          <Suspense fallback={<PageSkeleton />}>
            <Failures />
          </Suspense>
        )}
      </Tabs.Panel>
      <Tabs.Panel value="history">
        <Suspense fallback={<PageSkeleton />}>
          <History />
        </Suspense>
      </Tabs.Panel>
    </Tabs>
  );
}

/** How many were not sent, or may not have been. */
function Missed() {
  const { count } = useFormat();
  const { failed, unknown } = useProgress();
  return failed + unknown > 0 ? <span className="missed-count">{count(failed + unknown)}</span> : null;
}
