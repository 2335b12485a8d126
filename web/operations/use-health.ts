import { useCallback, useEffect, useState } from 'react';
import { useQuery } from 'urql';
import { ChannelsDocument, HealthDocument, SendingHistoryDocument } from '../generated/graphql.js';
import { useMay } from '../shell/viewer.js';
import { askReadyz, brokenParts, findProblems, type Problem } from './problems.js';
import { useRefreshed } from './use-refreshed.js';

/** How often it is asked, ms. */
const EVERY = 5_000;

/** How the program does, asked again and again while the page is seen. */
export function useHealth() {
  const pause = !useMay('MAILINGS_READ');
  const [{ data, error }, askHealth] = useQuery({ query: HealthDocument, requestPolicy: 'cache-and-network' });
  const [channels, askChannels] = useQuery({ query: ChannelsDocument, pause, requestPolicy: 'cache-and-network' });
  const [sending] = useQuery({ query: SendingHistoryDocument, pause });
  const [fallback, setFallback] = useState<Problem[] | null>(null);
  const again = useCallback(() => {
    askHealth({ requestPolicy: 'network-only' });
    if (!pause) askChannels({ requestPolicy: 'network-only' });
  }, [askHealth, askChannels, pause]);
  useRefreshed(again, EVERY);
  useEffect(() => {
    if (error === undefined) setFallback(null);
    else void askReadyz().then((parts) => setFallback(parts === null ? [] : brokenParts(parts)));
  }, [error]);
  const health = data?.health;
  const ways = channels.data?.channels ?? [];
  const problems =
    error === undefined && health ? findProblems(health, ways, sending.data?.sending.stopped ?? false) : fallback;
  return { health, channels: ways, error, problems, again };
}
