import { useMemo } from 'react';
import { type CombinedError, useClient, useQuery } from 'urql';
import {
  type EditedMailingFragment,
  EditorForecastDocument,
  type EditorForecastQuery,
  type EditorForecastQueryVariables,
} from '../generated/graphql.js';
import { problemsOf } from './check-values.js';
import { useEdited, useEditorForm } from './editing.js';
import { type EditorValues, inputOfParts, PART_NAMES, type Part } from './form-values.js';
import { editableParts, isLaunched } from './frozen-parts.js';
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

/** Of a launched mailing what becomes of the rest, by what may still be changed; of any other all of it. */
function questionOf(values: EditorValues, launched: EditedMailingFragment | null): EditorForecastQueryVariables {
  if (launched === null) return { input: inputOfParts(values, NEEDED) };
  const editable = editableParts(launched.status);
  return {
    id: launched.id,
    input: inputOfParts(
      values,
      NEEDED.filter((part) => editable.includes(part)),
    ),
  };
}

/** The forecast follows what is typed. @param pause there is nothing to foresee any more */
export function useForecast(pause: boolean): ForecastState {
  const { values } = useEditorForm();
  const { mailing } = useEdited();
  const impossible = Object.keys(problemsOf(values, { now: Date.now(), editable: TIMES, draft: false })).length > 0;
  const launched = mailing !== null && isLaunched(mailing.status) ? mailing : null;
  const variables = useSettled(questionOf(values, launched), WAIT);
  const [{ data, fetching, stale, error }] = useQuery({
    query: EditorForecastDocument,
    variables,
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
      const question = questionOf(values, null);
      // Nobody should confirm what is refused for its text.
      const variables = { ...question, input: { ...question.input, text: values.text } };
      const { data, error } = await client
        .query(EditorForecastDocument, variables, { requestPolicy: 'network-only' })
        .toPromise();
      const { forecast, userErrors } = data?.mailingForecast ?? {};
      return { forecast: forecast ?? null, refusal: userErrors?.[0]?.message, error };
    },
    [client],
  );
}
