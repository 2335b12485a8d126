import { useEffect, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { type CombinedError, useQuery } from 'urql';
import {
  SendingStateDocument,
  type SteeredMailingFragment,
  StepAudienceDocument,
  StepForecastDocument,
} from '../generated/graphql.js';
import { troubleText } from '../ui/trouble.js';
import type { Step } from './possible-steps.js';
import type { Prospect } from './what-happens.js';

/** What is known about a step, or what keeps it from being taken. */
export interface Known {
  prospect: Prospect | null;
  problem: { field: string | null; message: string } | null;
  isLoading: boolean;
  /** Of the mailing that the figures are of; null: the step does not hang on what was edited. */
  revision: number | null;
}

/** Asks, as a dialog opens, for what a person should know before a step is taken: never what was counted some time before. */
export function useProspect(step: Step, mailing: SteeredMailingFragment): Known {
  const { t } = useTranslation('shell');
  const [now] = useState(() => new Date());
  const launches = step === 'schedule' || step === 'start';
  const input = step === 'start' ? { startsAt: now.toISOString() } : {};
  const [forecast, foresee] = useQuery({
    query: StepForecastDocument,
    variables: { id: mailing.id, input },
    requestPolicy: 'network-only',
    pause: !launches,
  });
  const [revision, setRevision] = useState(mailing.revision);
  useEffect(() => {
    if (revision === mailing.revision) return;
    setRevision(mailing.revision);
    if (launches) foresee({ requestPolicy: 'network-only' });
  }, [revision, mailing.revision, launches, foresee]);
  const { operatorCodes, tagsAll, tagsAny, timeZones } = mailing.filter;
  const counts = !launches && mailing.launchedAt === null;
  const [audience] = useQuery({
    query: StepAudienceDocument,
    variables: { filter: { operatorCodes, tagsAll, tagsAny, timeZones } },
    requestPolicy: 'network-only',
    pause: !counts,
  });
  const [sending] = useQuery({ query: SendingStateDocument });
  const error: CombinedError | undefined = forecast.error ?? audience.error;
  const refused = forecast.data?.mailingForecast.userErrors[0];
  const problem = error
    ? { field: null, message: troubleText(error, t('trouble.network')) }
    : refused
      ? { field: refused.field ?? null, message: refused.message }
      : null;
  const isLoading = (launches && forecast.fetching) || (counts && audience.fetching);
  const prospect: Prospect = {
    mailing,
    forecast: forecast.data?.mailingForecast.forecast ?? null,
    audience: audience.data?.audience.count ?? null,
    isStopped: sending.data?.sending.stopped ?? false,
    now: now.getTime(),
  };
  return { prospect: problem ? null : prospect, problem, isLoading, revision: launches ? revision : null };
}
