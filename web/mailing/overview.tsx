import { Card } from '@mantine/core';
import { memo } from 'react';
import type { MailingPageFragment } from '../generated/graphql.js';
import { RateSlider } from '../steer/rate-slider.js';
import { WaitingBecause } from '../steer/waiting-because.js';
import { Details } from './details.js';
import { Figures } from './figures.js';
import { MessageFeed } from './message-feed.js';
import type { MessageStream } from './message-stream.js';
import { ThroughputPanel } from './throughput-panel.js';

const Feed = memo(MessageFeed);

/** How far it is, how fast it goes, and what happens just now. */
export function Overview({ mailing, stream }: { mailing: MailingPageFragment; stream: MessageStream }) {
  return (
    <div className="overview">
      <Card withBorder padding="lg" className="overview-wide">
        <Figures mailing={mailing} />
        <WaitingBecause mailingId={mailing.id} />
      </Card>
      <Card withBorder padding="lg">
        <ThroughputPanel mailing={mailing} />
      </Card>
      <Card withBorder padding="lg">
        <Feed stream={stream} />
      </Card>
      <div className="overview-wide">
        <RateSlider mailingId={mailing.id} />
      </div>
      <Card withBorder padding="lg" className="overview-wide">
        <Details mailing={mailing} />
      </Card>
    </div>
  );
}
