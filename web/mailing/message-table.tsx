import './messages.css';
import { Button, Card, Group, Skeleton, Text } from '@mantine/core';
import { useVirtualizer } from '@tanstack/react-virtual';
import { memo, useEffect, useMemo, useRef, useSyncExternalStore } from 'react';
import { useTranslation } from 'react-i18next';
import { useClient } from 'urql';
import { useSearchParams } from 'wouter';
import type { MessageRowFragment } from '../generated/graphql.js';
import { useServerWords } from '../i18n/use-server-words.js';
import { useFormat } from '../ui/format.js';
import { MessageStatusBadge } from '../ui/status-badge.js';
import { Trouble } from '../ui/trouble.js';
import { usePhone } from '../ui/use-phone.js';
import { MessageFilters } from './message-filters.js';
import { liveTotal } from './message-list.js';
import { MessagePages, type PagesView } from './message-pages.js';
import { filterOf, readSearch } from './message-search.js';
import type { MessageStream } from './message-stream.js';
import { usePlace } from './place.js';
import type { MailingTerms } from './use-mailing.js';
import { useProgress } from './use-progress.js';

/** px */
const ROW_HEIGHT = 44;
/** Rows before the last one that was read, at which more are read. */
const READ_AHEAD = 40;

/** Every message of the mailing, newest first: rows come as one scrolls, and change where they stand. */
export default function MessageTable({ mailing, stream }: { mailing: MailingTerms; stream: MessageStream }) {
  const [params] = useSearchParams();
  const search = readSearch(params);
  const filter = JSON.stringify(filterOf(search));
  const client = useClient();
  const pages = useMemo(() => new MessagePages(client, mailing.id, JSON.parse(filter)), [client, mailing.id, filter]);
  useEffect(() => pages.open(stream), [pages, stream]);
  const view = useSyncExternalStore(
    (watcher) => pages.watch(watcher),
    () => pages.view,
  );
  const total = liveTotal(search, useProgress()) ?? view.total;
  const isBehind = view.rows.length === 0 && !view.isLoading && view.error === null && (total ?? 0) > 0;
  useEffect(() => {
    if (!isBehind) return;
    const timer = setTimeout(() => pages.again(), 1_000);
    return () => clearTimeout(timer);
  }, [isBehind, pages]);
  return (
    <Card withBorder padding="md">
      <MessageFilters />
      <Found view={view} total={total} onAgain={() => pages.again()} />
      {view.error ? <Trouble error={view.error} onAgain={() => pages.again()} /> : null}
      <Rows key={filter} pages={pages} view={view} />
    </Card>
  );
}

function Found({ view, total, onAgain }: { view: PagesView; total: number | null; onAgain: () => void }) {
  const { t } = useTranslation('mailing');
  const { count } = useFormat();
  const isGrown = !view.isLoading && view.total !== null && total !== null && total !== view.total;
  return (
    <Group justify="space-between" my="sm" mih={30}>
      <Text size="sm" className="figures" role="status">
        {total === null ? t('messages.loading') : t('messages.found', { count: total, n: count(total) })}
      </Text>
      {isGrown ? (
        <Button size="xs" variant="default" onClick={onAgain}>
          {t('messages.again')}
        </Button>
      ) : null}
    </Group>
  );
}

const COLUMNS = ['phone', 'id', 'status', 'attempts', 'code', 'reason', 'time'] as const;

function Rows({ pages, view }: { pages: MessagePages; view: PagesView }) {
  const { t } = useTranslation('mailing');
  const scroller = useRef<HTMLDivElement>(null);
  const { rows, hasMore, isLoading, total } = view;
  const virtualizer = useVirtualizer({
    count: rows.length,
    getScrollElement: () => scroller.current,
    estimateSize: () => ROW_HEIGHT,
    overscan: 8,
  });
  const items = virtualizer.getVirtualItems();
  const last = items.at(-1)?.index ?? 0;
  useEffect(() => {
    if (hasMore && !isLoading && last >= rows.length - READ_AHEAD) pages.more();
  }, [pages, hasMore, isLoading, last, rows.length]);
  const seen = items.map(({ index }) => rows[index]?.id ?? '');
  // After each drawing: it costs a timer at most.
  useEffect(() => pages.see(seen));
  return (
    // biome-ignore lint/a11y/useSemanticElements: rows are placed one by one, which no table element can
    <div className="messages" role="table" aria-label={t('tab.messages')} aria-rowcount={total ?? -1}>
      {/* biome-ignore lint/a11y/useSemanticElements: as above */}
      <div role="rowgroup" className="messages-head">
        {/* biome-ignore lint/a11y/useSemanticElements lint/a11y/useFocusableInteractive: as above; a heading is nothing to act on */}
        <div role="row" className="message-row">
          {COLUMNS.map((column) => (
            // biome-ignore lint/a11y/useSemanticElements lint/a11y/useFocusableInteractive: as above
            <span key={column} role="columnheader" data-column={column}>
              {t(`messages.${column}`)}
            </span>
          ))}
        </div>
      </div>
      <div ref={scroller} className="messages-scroll">
        {/* biome-ignore lint/a11y/useSemanticElements: as above */}
        <div role="rowgroup" style={{ height: virtualizer.getTotalSize(), position: 'relative' }}>
          {items.map(({ index, start }) => (
            <Row key={index} index={index} top={start} message={rows[index]!} />
          ))}
        </div>
        {isLoading ? <Skeleton height={ROW_HEIGHT - 8} mt={4} /> : null}
        {rows.length === 0 && !isLoading ? (
          <Text c="dimmed" ta="center" py="xl">
            {t('messages.none')}
          </Text>
        ) : null}
      </div>
    </div>
  );
}

const Row = memo(function Row({ message, index, top }: { message: MessageRowFragment; index: number; top: number }) {
  const { t } = useTranslation('mailing');
  const { moment } = useFormat();
  const inWords = useServerWords();
  const [, go] = usePlace();
  const phoneOf = usePhone();
  const { id, phone, status, attempts, waitingFor, gatewayCode, reason, sentAt, dueAt } = message;
  return (
    // biome-ignore lint/a11y/useSemanticElements lint/a11y/useFocusableInteractive: as above; its button is what one gets to
    <div
      role="row"
      aria-rowindex={index + 2}
      className="message-row"
      style={{ position: 'absolute', insetInline: 0, top, height: ROW_HEIGHT }}
    >
      {/* biome-ignore lint/a11y/useSemanticElements: as above */}
      <span role="cell" data-column="phone">
        <button
          type="button"
          className="link"
          onClick={() => go({ message: id })}
          aria-label={t('messages.open', { id, phone: phoneOf(phone) })}
        >
          {phoneOf(phone)}
        </button>
      </span>
      <Cell column="id" text={id} />
      {/* biome-ignore lint/a11y/useSemanticElements: as above */}
      <span role="cell" data-column="status">
        <MessageStatusBadge status={status} />
      </span>
      <Cell column="attempts" text={String(attempts)} />
      <Cell column="code" text={gatewayCode == null ? '' : String(gatewayCode)} />
      <Cell
        column="reason"
        text={waitingFor ? t('messages.waits', { what: t(`waitingFor.${waitingFor}`) }) : inWords(reason ?? '')}
      />
      <Cell
        column="time"
        text={sentAt ? moment(sentAt) : status === 'DELAYED' ? t('messages.due', { at: moment(dueAt) }) : ''}
      />
    </div>
  );
});

function Cell({ column, text }: { column: (typeof COLUMNS)[number]; text: string }) {
  return (
    // biome-ignore lint/a11y/useSemanticElements: as above
    <span role="cell" data-column={column} title={text}>
      {text}
    </span>
  );
}
