import { CloseButton, Group, Modal } from '@mantine/core';
import { useHotkeys } from '@mantine/hooks';
import { useCallback, useEffect } from 'react';
import { useTranslation } from 'react-i18next';
import { useConnection } from '../api/connection.js';
import { useFormat } from '../ui/format.js';
import { MailingStatusBadge } from '../ui/status-badge.js';
import { Figures } from './figures.js';
import { usePlace } from './place.js';
import type { MailingTerms } from './use-mailing.js';

/** The way into the big screen and out of it. Where the browser refuses the whole screen, the whole window will do. */
export function useBigScreen(): { isBig: boolean; enter: () => void; leave: () => void } {
  const [{ isBig }, go] = usePlace();
  const enter = useCallback(() => {
    go({ isBig: true });
    document.documentElement.requestFullscreen?.().catch(() => {});
  }, [go]);
  const leave = useCallback(() => {
    go({ isBig: false });
    if (document.fullscreenElement) document.exitFullscreen().catch(() => {});
  }, [go]);
  return { isBig, enter, leave };
}

/** A mailing's figures alone, to be left open on a screen that many look at. */
export function BigScreen({ mailing }: { mailing: MailingTerms }) {
  const { t } = useTranslation('mailing');
  const { isBig, enter, leave } = useBigScreen();
  useHotkeys([['F', () => (isBig ? leave() : enter())]]);
  useLeftByBrowser(isBig, leave);
  useAwake(isBig);
  return (
    <Modal.Root opened={isBig} onClose={leave} fullScreen transitionProps={{ duration: 0 }}>
      <Modal.Content className="big-screen" radius={0}>
        <Modal.Body className="big-screen-body">
          <Group justify="space-between" wrap="nowrap" align="flex-start">
            <Group gap="lg">
              <Modal.Title className="big-screen-title">{mailing.name}</Modal.Title>
              <MailingStatusBadge status={mailing.status} />
            </Group>
            <CloseButton size="xl" onClick={leave} aria-label={t('big.leave')} />
          </Group>
          <Figures mailing={mailing} />
          <Freshness />
        </Modal.Body>
      </Modal.Content>
    </Modal.Root>
  );
}

/** The header, which says it elsewhere, is not in view. */
function Freshness() {
  const { t } = useTranslation('mailing');
  const { clock } = useFormat();
  const { state, since } = useConnection();
  return (
    <p className="freshness" data-state={state} role="status">
      {t(state === 'live' ? 'big.live' : 'big.stale', { at: clock(since) })}
    </p>
  );
}

/** Esc and the browser's own ways end the whole screen without a word to the page. */
function useLeftByBrowser(isBig: boolean, leave: () => void): void {
  useEffect(() => {
    if (!isBig) return;
    const changed = () => {
      if (!document.fullscreenElement) leave();
    };
    document.addEventListener('fullscreenchange', changed);
    return () => document.removeEventListener('fullscreenchange', changed);
  }, [isBig, leave]);
}

/** Keeps the screen from going dark, where the browser can. */
function useAwake(matters: boolean): void {
  useEffect(() => {
    if (!matters || !('wakeLock' in navigator)) return;
    let lock: WakeLockSentinel | undefined;
    let isOver = false;
    const keep = async () => {
      if (document.visibilityState !== 'visible') return;
      const held = await navigator.wakeLock.request('screen').catch(() => undefined);
      if (isOver) void held?.release();
      else lock = held;
    };
    void keep();
    // The browser lets go of it whenever the page is out of view.
    document.addEventListener('visibilitychange', keep);
    return () => {
      isOver = true;
      document.removeEventListener('visibilitychange', keep);
      void lock?.release();
    };
  }, [matters]);
}
