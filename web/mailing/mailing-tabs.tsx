import { Tabs } from '@mantine/core';
import { lazy, Suspense } from 'react';
import { useTranslation } from 'react-i18next';
import type { MailingPageFragment } from '../generated/graphql.js';
import { PageSkeleton } from '../ui/page-skeleton.js';
import type { MessageStream } from './message-stream.js';
import { Overview } from './overview.js';
import { TABS, type Tab, usePlace } from './place.js';

const MessageTable = lazy(() => import('./message-table.js'));
const History = lazy(() => import('../steer/history.js'));

/** The parts of the page; the address says which one is shown. */
export function MailingTabs({ mailing, stream }: { mailing: MailingPageFragment; stream: MessageStream }) {
  const { t } = useTranslation('mailing');
  const [{ tab }, go] = usePlace();
  return (
    <Tabs value={tab} onChange={(next) => go({ tab: (next ?? 'overview') as Tab })} keepMounted={false} mt="md">
      <Tabs.List mb="md">
        {TABS.map((name) => (
          <Tabs.Tab key={name} value={name}>
            {t(`tab.${name}`)}
          </Tabs.Tab>
        ))}
      </Tabs.List>
      <Tabs.Panel value="overview">
        <Overview mailing={mailing} stream={stream} />
      </Tabs.Panel>
      <Tabs.Panel value="messages">
        <Suspense fallback={<PageSkeleton />}>
          <MessageTable mailing={mailing} stream={stream} />
        </Suspense>
      </Tabs.Panel>
      <Tabs.Panel value="history">
        <Suspense fallback={<PageSkeleton />}>
          <History mailingId={mailing.id} />
        </Suspense>
      </Tabs.Panel>
    </Tabs>
  );
}
