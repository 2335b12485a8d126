import { useMemo } from 'react';
import { type CombinedError, useClient, useQuery } from 'urql';
import { EditorForecastDocument, type EditorForecastQuery, type MailingInput } from '../generated/graphql.js';
import { problemsOf } from './check-values.js';
import { useEdited, useEditorForm } from './editing.js';
import { type EditorValues, inputOfParts, PART_NAMES, type Part } from './form-values.js';
import { isLaunched } from './frozen-parts.js';
import { useSettled } from './use-settled.js';

export type Forecast = NonNullable<EditorForecastQuery['mailingForecast']['forecast']>;

/** Neither decides who gets it or when. */
const NEEDED = PART_NAMES.filter((part) => part !== 'name' && part !== 'text');
const TIMES: readonly Part[] = ['startsAt', 'endsAt', 'allowedFrom', 'allowedTo', 'weekdays', 'rateLimit'];

/** ms without a change before the server is asked. */
const WAIT = 400;

/** What would become of the mailing as it is in the form. */
export interface ForecastState {
  /** The newest one; of the values before, while another is asked for. */
  forecast: Forecast | undefined;
  asking: boolean;
  /** Times are missing or contradict each other, so there is nothing to foresee. */
  impossible: boolean;
  /** Why the server foresees nothing. */
  refusal: string | undefined;
  error: CombinedError | undefined;
}

/** A start of null is now; so it is for a launched mailing, whose start is over. */
function questionOf(values: EditorValues, fromNow: boolean): MailingInput {
  const input = inputOfParts(values, NEEDED);
  return fromNow ? { ...input, startsAt: null } : input;
}

/** The forecast follows what is typed. @param pause there is nothing to foresee any more */
export function useForecast(pause: boolean): ForecastState {
  const { values } = useEditorForm();
  const { mailing } = useEdited();
  const impossible = Object.keys(problemsOf(values, { now: Date.now(), editable: TIMES, draft: false })).length > 0;
  const input = useSettled(questionOf(values, mailing !== null && isLaunched(mailing.status)), WAIT);
  const [{ data, fetching, stale, error }] = useQuery({
    query: EditorForecastDocument,
    variables: { input },
    pause: pause || impossible,
    // As of now: the same question has another answer an hour later.
    requestPolicy: 'network-only',
  });
  const answer = data?.mailingForecast;
  return {
    forecast: answer?.forecast ?? undefined,
    asking: fetching || stale,
    impossible,
    refusal: answer?.userErrors[0]?.message,
    error,
  };
}

/** What is known as somebody decides: a forecast, or why there is none. */
export interface AskedForecast {
  forecast: Forecast | null;
  refusal?: string | undefined;
  error?: CombinedError | undefined;
}

/** Asks once more, as of this moment, before anything is decided by it. */
export function useAskForecast(): (values: EditorValues) => Promise<AskedForecast> {
  const client = useClient();
  return useMemo(
    () => async (values) => {
      const variables = { input: questionOf(values, false) };
      const { data, error } = await client
        .query(EditorForecastDocument, variables, { requestPolicy: 'network-only' })
        .toPromise();
      const { forecast, userErrors } = data?.mailingForecast ?? {};
      return { forecast: forecast ?? null, refusal: userErrors?.[0]?.message, error };
    },
    [client],
  );
}
