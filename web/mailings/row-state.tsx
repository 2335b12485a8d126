import { Text } from '@mantine/core';
import { useEffect } from 'react';
import { useTranslation } from 'react-i18next';
import { useQuery } from 'urql';
import { type MailingRowFragment, RowWaitingDocument } from '../generated/graphql.js';
import { useFormat } from '../ui/format.js';
import { useNow } from '../ui/use-now.js';

/** What goes on with a mailing just now, in a few words: until it starts, how fast it goes, what it waits for. */
export function RowState({ mailing }: { mailing: MailingRowFragment }) {
  const { status, progress } = mailing;
  if (status === 'SCHEDULED') return <Countdown to={mailing.startsAt} />;
  if (status !== 'RUNNING' || progress.open === 0) return null;
  return progress.ratePerSecond > 0 ? <Speed mailing={mailing} /> : <WaitsFor mailing={mailing} />;
}

function Countdown({ to }: { to: string }) {
  const { t } = useTranslation('mailings');
  const { duration } = useFormat();
  const left = Date.parse(to) - useNow();
  return <Said>{left > 0 ? t('state.startsIn', { duration: duration(left) }) : t('state.starting')}</Said>;
}

function Speed({ mailing: { progress } }: { mailing: MailingRowFragment }) {
  const { t } = useTranslation('ui');
  const { decimal, duration } = useFormat();
  const now = useNow();
  const { ratePerSecond, eta } = progress;
  const rate = ratePerSecond < 10 ? ratePerSecond : Math.round(ratePerSecond);
  const words = [t('counts.rate', { rate: decimal(rate) })];
  if (eta) words.push(t('counts.eta', { duration: duration(roughly(Date.parse(eta) - now)) }));
  return <Said>{words.join(' · ')}</Said>;
}

/** ms; seconds are of no use where it takes longer than some minutes, and would flicker. */
function roughly(left: number): number {
  return left > 300_000 ? Math.round(left / 60_000) * 60_000 : left;
}

/** Asked again with each new look that the server has taken at what is open. */
function WaitsFor({ mailing: { id, progress } }: { mailing: MailingRowFragment }) {
  const { t } = useTranslation('mailings');
  const { moment } = useFormat();
  const [{ data }, ask] = useQuery({
    query: RowWaitingDocument,
    variables: { id },
    requestPolicy: 'cache-and-network',
  });
  // biome-ignore lint/correctness/useExhaustiveDependencies: the sample's age is why
  useEffect(() => ask({ requestPolicy: 'network-only' }), [progress.asOf, progress.version]);
  const first = data?.mailing?.waiting[0];
  if (first === undefined) return null;
  const words = t(`waits.${first.reason}`);
  return <Said>{first.until ? t('waits.until', { words, at: moment(first.until) }) : words}</Said>;
}

function Said({ children }: { children: string }) {
  return (
    <Text size="sm" className="figures">
      {children}
    </Text>
  );
}
