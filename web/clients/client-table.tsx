import { Checkbox } from '@mantine/core';
import { useVirtualizer } from '@tanstack/react-virtual';
import { type KeyboardEvent, type MouseEvent, useEffect, useRef } from 'react';
import { useTranslation } from 'react-i18next';
import type { ClientRowFragment } from '../generated/graphql.js';
import { useMay } from '../shell/viewer.js';
import { ClientLine, WaitingLine } from './client-line.js';
import { isChosen, type Selection, tick } from './selection.js';
import { drawnHeight } from './tall-scroll.js';
import type { Clients } from './use-clients.js';
import { useTallScroll } from './use-tall-scroll.js';

/** px; the same in clients.css. */
const ROW = 48;
/** Rows that are drawn before they are seen. */
const OVERSCAN = 12;

interface Props {
  clients: Clients;
  selection: Selection;
  setSelection: (selection: Selection) => void;
  onEdit: (client: ClientRowFragment) => void;
}

/** A list of any length of which only the rows in sight are drawn, and only the pages in sight are here. */
export function ClientTable({ clients: { pages, total }, selection, setSelection, onEdit }: Props) {
  const { t } = useTranslation('clients');
  const mayWrite = useMay('CLIENTS_WRITE');
  const scroller = useRef<HTMLDivElement>(null);
  const count = total ?? pages.firstPage?.length ?? 20;
  const tall = useTallScroll(scroller, count * ROW);
  const virtual = useVirtualizer({
    count,
    getScrollElement: () => scroller.current,
    estimateSize: () => ROW,
    overscan: OVERSCAN,
    observeElementOffset: tall.observe,
    scrollToFn: () => {},
  });
  const rows = virtual.getVirtualItems();
  const [first, last] = [rows[0]?.index ?? 0, rows.at(-1)?.index ?? 0];
  useEffect(() => pages.show(first, last), [pages, first, last]);
  const above = Math.max(0, (rows[0]?.start ?? 0) - tall.place.current.shift);
  const below = Math.max(0, drawnHeight({ rows: count * ROW, window: 0 }) - above - rows.length * ROW);
  const onTick = useTick(selection, setSelection, (at) => pages.row(at)?.id);
  return (
    // The rows are reached by the arrow keys of the whole: it scrolls.
    // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reached by the keyboard
    <section ref={scroller} className="client-table" tabIndex={0} aria-label={t('list')} aria-busy={total === null}>
      <table aria-rowcount={count + 1}>
        <Head />
        <tbody>
          <Gap height={above} />
          {rows.map(({ index }) => {
            const client = pages.row(index);
            const number = index + 2;
            if (client === undefined) return <WaitingLine key={index} number={number} />;
            return (
              <ClientLine key={index} client={client} number={number} onEdit={onEdit}>
                {mayWrite ? (
                  <Checkbox
                    size="xs"
                    aria-label={t('choose', { phone: client.phone })}
                    checked={isChosen(selection, client.id)}
                    onClick={(event) => onTick(event, index)}
                    onChange={() => {}}
                  />
                ) : null}
              </ClientLine>
            );
          })}
          <Gap height={below} />
        </tbody>
      </table>
    </section>
  );
}

/** Holds the place of rows that are not drawn. */
function Gap({ height }: { height: number }) {
  return height === 0 ? null : <tr aria-hidden style={{ height }} />;
}

/** With Shift all rows between the last that was ticked and this one go along. */
function useTick(
  selection: Selection,
  setSelection: (selection: Selection) => void,
  idAt: (at: number) => string | undefined,
): (event: MouseEvent | KeyboardEvent, at: number) => void {
  const last = useRef<number | null>(null);
  return ({ shiftKey }, at) => {
    const id = idAt(at);
    if (id === undefined) return;
    const from = shiftKey && last.current !== null ? last.current : at;
    const [low, high] = [Math.min(from, at), Math.max(from, at)];
    const ids = Array.from({ length: high - low + 1 }, (_, step) => idAt(low + step)).filter(
      (one) => one !== undefined,
    );
    setSelection(tick(selection, ids, !isChosen(selection, id)));
    last.current = at;
  };
}

function Head() {
  const { t } = useTranslation('clients');
  const mayWrite = useMay('CLIENTS_WRITE');
  return (
    <thead>
      <tr aria-rowindex={1}>
        {mayWrite ? (
          <th className="tick">
            <span className="unseen">{t('column.choose')}</span>
          </th>
        ) : null}
        <th className="phone">{t('column.phone')}</th>
        <th className="about wide">{t('column.about')}</th>
        <th className="tags wide">{t('column.tags')}</th>
        <th className="zone">{t('column.localTime')}</th>
        <th className="added wide">{t('column.added')}</th>
        {mayWrite ? (
          <th className="act">
            <span className="unseen">{t('edit')}</span>
          </th>
        ) : null}
      </tr>
    </thead>
  );
}
