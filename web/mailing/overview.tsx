import { Card } from '@mantine/core';
import { lazy, type ReactNode, Suspense } from 'react';
import { RateSlider } from '../steer/rate-slider.js';
import { WaitingBecause } from '../steer/waiting-because.js';
import { Details } from './details.js';
import { Figures } from './figures.js';
import { MessageFeed } from './message-feed.js';
import type { MessageStream } from './message-stream.js';
import { MINUTES } from './throughput.js';
import { ThroughputPanel } from './throughput-panel.js';
import type { MailingTerms } from './use-mailing.js';
import { useProgress } from './use-progress.js';

const HeatMap = lazy(() => import('../steer/heat-map.js'));

/** Room is kept for the reason, so that nothing moves when it comes. */
const MAY_WAIT: readonly string[] = ['SCHEDULED', 'RUNNING', 'PAUSED'];

/** How far it is, how fast it goes, and what happens just now. */
export function Overview({ mailing, stream }: { mailing: MailingTerms; stream: MessageStream }) {
  return (
    <div className="overview">
      <Card withBorder padding="lg" className="overview-wide">
        <Figures mailing={mailing} />
        <div className="waiting-slot" data-may-wait={MAY_WAIT.includes(mailing.status)}>
          <WaitingBecause />
        </div>
      </Card>
      <WhileMoving mailing={mailing}>
        <Card withBorder padding="lg">
          <ThroughputPanel mailingId={mailing.id} />
        </Card>
        <Card withBorder padding="lg">
          <MessageFeed stream={stream} />
        </Card>
      </WhileMoving>
      <Card withBorder padding="lg" className="overview-wide">
        <Details mailing={mailing} />
      </Card>
      <div className="overview-wide">
        <RateSlider />
      </div>
      {mailing.launchedAt == null ? null : (
        <div className="overview-wide">
          <Suspense>
            <HeatMap />
          </Suspense>
        </div>
      )}
    </div>
  );
}

/** Nothing, where nothing has happened for so long that there is nothing to show, or nothing has happened yet. */
function WhileMoving({
  mailing: { launchedAt, finishedAt },
  children,
}: {
  mailing: MailingTerms;
  children: ReactNode;
}) {
  const { open } = useProgress();
  if (launchedAt == null) return null;
  const isLongOver = finishedAt != null && Date.parse(finishedAt) < Date.now() - MINUTES * 60_000;
  return isLongOver && open === 0 ? null : children;
}
