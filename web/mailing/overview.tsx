import { Card } from '@mantine/core';
import { lazy, memo, Suspense } from 'react';
import type { MailingPageFragment } from '../generated/graphql.js';
import { RateSlider } from '../steer/rate-slider.js';
import { WaitingBecause } from '../steer/waiting-because.js';
import { Details } from './details.js';
import { Figures } from './figures.js';
import { MessageFeed } from './message-feed.js';
import type { MessageStream } from './message-stream.js';
import { MINUTES } from './throughput.js';
import { ThroughputPanel } from './throughput-panel.js';

const HeatMap = lazy(() => import('../steer/heat-map.js'));
// Each is drawn when what it shows has changed, and not with every move of the figures around it.
const Feed = memo(MessageFeed);
const Heat = memo(HeatMap);
const Slider = memo(RateSlider);
const Waiting = memo(WaitingBecause);
const FixedDetails = memo(
  Details,
  ({ mailing: before }, { mailing: after }) => before.revision === after.revision && before.status === after.status,
);

/** Room is kept for the reason, so that nothing moves when it comes. */
const MAY_WAIT: readonly string[] = ['SCHEDULED', 'RUNNING', 'PAUSED'];

/** How far it is, how fast it goes, and what happens just now. */
export function Overview({ mailing, stream }: { mailing: MailingPageFragment; stream: MessageStream }) {
  return (
    <div className="overview">
      <Card withBorder padding="lg" className="overview-wide">
        <Figures mailing={mailing} />
        <div className="waiting-slot" data-may-wait={MAY_WAIT.includes(mailing.status)}>
          <Waiting />
        </div>
      </Card>
      {isStill(mailing) ? null : (
        <>
          <Card withBorder padding="lg">
            <ThroughputPanel mailing={mailing} />
          </Card>
          <Card withBorder padding="lg">
            <Feed stream={stream} />
          </Card>
        </>
      )}
      <Card withBorder padding="lg" className="overview-wide">
        <FixedDetails mailing={mailing} />
      </Card>
      <div className="overview-wide">
        <Slider />
      </div>
      {mailing.launchedAt == null ? null : (
        <div className="overview-wide">
          <Suspense>
            <Heat />
          </Suspense>
        </div>
      )}
    </div>
  );
}

/** Whether nothing has happened for so long that there is nothing to show, or nothing has happened yet. */
function isStill({ launchedAt, finishedAt, progress }: MailingPageFragment): boolean {
  if (launchedAt == null) return true;
  return finishedAt != null && progress.open === 0 && Date.parse(finishedAt) < Date.now() - MINUTES * 60_000;
}
