import { useMemo } from 'react';
import { useQuery } from 'urql';
import {
  EditorPreviewDocument,
  type EditorPreviewQuery,
  type RenderedFragment,
  type SampleClientFragment,
} from '../generated/graphql.js';
import { useSettled } from './use-settled.js';

/** What is wrong with a text, and where. */
export type TextProblem = RenderedFragment['problems'][number];

/** A text as one client would get it. */
export interface RenderedText {
  /** Null: one of whom nothing is known. */
  client: SampleClientFragment | null;
  /** Null while something is wrong with it. */
  text: string | null;
}

/** What is known of a text by now. */
export interface Preview {
  /** Each once, whichever of the clients it was met with. */
  problems: readonly TextProblem[];
  /** The sample clients, and one of whom nothing is known. */
  rendered: readonly RenderedText[];
  asking: boolean;
}

const PLACES = ['a', 'b', 'c', 'd', 'e'] as const;
/** ms without a key before the server is asked. */
const WAIT = 250;

/** The text as each of the sample clients would get it, asked for in one go. @param clients five of them at the most */
export function usePreview(text: string, clients: readonly SampleClientFragment[]): Preview {
  const settled = useSettled({ text, ids: clients.map(({ id }) => id) }, WAIT);
  const [{ data, fetching, stale }] = useQuery({
    query: EditorPreviewDocument,
    variables: variablesOf(settled.text, settled.ids),
    pause: settled.text.trim() === '',
  });
  return useMemo(() => {
    if (settled.text.trim() === '' || data === undefined) return { problems: [], rendered: [], asking: fetching };
    const rendered = [
      ...clients.map((client, at) => ({ client, ...answerOf(data, at) })),
      { client: null, ...data.nobody },
    ];
    const problems = new Map(rendered.flatMap((one) => one.problems ?? []).map((one) => [JSON.stringify(one), one]));
    const texts = rendered.map(({ client, text: its }) => ({ client, text: its ?? null }));
    return { problems: [...problems.values()], rendered: texts, asking: fetching || stale };
  }, [data, clients, settled, fetching, stale]);
}

function answerOf(data: EditorPreviewQuery, at: number): Partial<RenderedFragment> {
  const place = PLACES[at];
  return (place && data[place]) ?? {};
}

function variablesOf(text: string, ids: readonly string[]) {
  const [a, b, c, d, e] = ids;
  return {
    text,
    a: a ?? null,
    b: b ?? null,
    c: c ?? null,
    d: d ?? null,
    e: e ?? null,
    hasA: a !== undefined,
    hasB: b !== undefined,
    hasC: c !== undefined,
    hasD: d !== undefined,
    hasE: e !== undefined,
  };
}
