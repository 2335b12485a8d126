import './messages.css';
import { Button, Group, NativeSelect, Text, Title } from '@mantine/core';
import { IconPlayerPause, IconPlayerPlay } from '@tabler/icons-react';
import { memo, useEffect, useState, useSyncExternalStore } from 'react';
import { useTranslation } from 'react-i18next';
import type { MessageStatus } from '../generated/graphql.js';
import { useFormat } from '../ui/format.js';
import { MessageStatusBadge } from '../ui/status-badge.js';
import { Feed, type FeedLine, type FeedView } from './feed.js';
import type { MessageStream } from './message-stream.js';
import { usePlace } from './place.js';

/** Statuses that a change may tell of. */
const TOLD = ['SENT', 'FAILED', 'DELAYED', 'ENQUEUED', 'EXPIRED', 'CANCELLED', 'UNKNOWN'] as const;

/** What happens to single messages just now, at a pace that can be read. It stands still under the pointer. */
export function MessageFeed({ stream }: { stream: MessageStream }) {
  const { t } = useTranslation('mailing');
  const [feed] = useState(() => new Feed());
  const view = useSyncExternalStore(
    (watcher) => feed.watch(watcher),
    () => feed.view,
  );
  const [isPaused, pause] = useState(false);
  const [isUnderHand, setUnderHand] = useState(false);
  useEffect(() => {
    const end = stream.watch((event) => feed.take(event));
    return () => {
      end();
      feed.close();
    };
  }, [stream, feed]);
  useEffect(() => feed.hold(isPaused || isUnderHand), [feed, isPaused, isUnderHand]);
  return (
    <section>
      <Group justify="space-between" mb="xs">
        <Title order={2} size="h4">
          {t('feed.title')}
        </Title>
        <Group gap="xs">
          <StatusChoice feed={feed} />
          <Button
            size="xs"
            variant="default"
            leftSection={
              isPaused ? <IconPlayerPlay size={14} aria-hidden /> : <IconPlayerPause size={14} aria-hidden />
            }
            onClick={() => pause(!isPaused)}
          >
            {t(isPaused ? 'feed.goOn' : 'feed.hold')}
          </Button>
        </Group>
      </Group>
      <Pace view={view} isHeld={isPaused || isUnderHand} />
      {/* biome-ignore lint/a11y/noStaticElementInteractions: it only stands still while somebody points at it or is in it; the button does so for good */}
      <div
        className="feed"
        onPointerEnter={() => setUnderHand(true)}
        onPointerLeave={() => setUnderHand(false)}
        onFocus={() => setUnderHand(true)}
        onBlur={() => setUnderHand(false)}
      >
        <Lines lines={view.lines} />
      </div>
    </section>
  );
}

const StatusChoice = memo(function StatusChoice({ feed }: { feed: Feed }) {
  const { t } = useTranslation('mailing');
  const ui = useTranslation('ui').t;
  const choices = TOLD.map((value) => ({ value, label: ui(`message.${value}`) }));
  return (
    <NativeSelect
      size="xs"
      aria-label={t('feed.status')}
      data={[{ value: '', label: t('feed.all') }, ...choices]}
      onChange={({ currentTarget }) => feed.choose((currentTarget.value || null) as MessageStatus | null)}
    />
  );
});

/** How much of what happens is shown. */
function Pace({ view: { oneOf, meanwhile, lines }, isHeld }: { view: FeedView; isHeld: boolean }) {
  const { t } = useTranslation('mailing');
  const { count } = useFormat();
  return (
    <Text size="sm" c="dimmed" className="figures">
      {isHeld
        ? t('feed.meanwhile', { count: meanwhile, n: count(meanwhile) })
        : lines.length === 0
          ? t('feed.nothing')
          : oneOf > 1
            ? t('feed.oneOf', { count: oneOf, n: count(oneOf) })
            : t('feed.every')}
    </Text>
  );
}

function Lines({ lines }: { lines: readonly FeedLine[] }) {
  const [, go] = usePlace();
  return (
    <ol className="feed-lines">
      {lines.map((line) => (
        <Line key={line.key} line={line} go={go} />
      ))}
    </ol>
  );
}

/** Of all lines only the new ones are drawn. */
const Line = memo(function Line({ line, go }: { line: FeedLine; go: ReturnType<typeof usePlace>[1] }) {
  const { t } = useTranslation('mailing');
  const { clock } = useFormat();
  const { messageId, status, at } = line;
  return (
    <li>
      <time dateTime={at}>{clock(at)}</time>
      <button
        type="button"
        className="link"
        onClick={() => go({ message: messageId })}
        aria-label={t('feed.open', { id: messageId })}
      >
        {messageId}
      </button>
      <MessageStatusBadge status={status} />
    </li>
  );
});
