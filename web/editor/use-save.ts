import { useRef } from 'react';
import { type CombinedError, useMutation } from 'urql';
import { freshKey } from '../api/fresh-key.js';
import {
  type ComplaintFragment,
  type EditedMailingFragment,
  EditorCreateDocument,
  EditorScheduleDocument,
  EditorStartDocument,
  EditorUpdateDocument,
  type MailingInput,
} from '../generated/graphql.js';
import { changedParts, type EditorValues, inputOf, inputOfParts } from './form-values.js';

/** What is to become of what was written: a draft, a mailing that goes out at its start, one that goes out now, or as it was but for the edit. */
export type Intent = 'draft' | 'schedule' | 'start' | 'edit';

/** What became of it. An error is of the network or of the server; complaints are for the person. */
export interface Saved {
  /** As it is now. A step may have failed after another was done. */
  mailing: EditedMailingFragment | null;
  complaints: readonly ComplaintFragment[];
  error?: CombinedError | undefined;
}

interface Edit {
  mailing: EditedMailingFragment | null;
  /** The values as the edit found them, and the revision they had. */
  base: EditorValues;
  revision: number | null;
  values: EditorValues;
  intent: Intent;
}

interface Answer {
  data?:
    | Record<string, { mailing: EditedMailingFragment | null; userErrors: readonly ComplaintFragment[] }>
    | undefined;
  error?: CombinedError | undefined;
}

/** Makes a mailing, or changes one and takes it on to where it is wanted. */
export function useSave(): (edit: Edit) => Promise<Saved> {
  const [, create] = useMutation(EditorCreateDocument);
  const [, update] = useMutation(EditorUpdateDocument);
  const [, schedule] = useMutation(EditorScheduleDocument);
  const [, start] = useMutation(EditorStartDocument);
  const keyOf = useIdempotencyKey();
  return async ({ mailing, base, revision, values, intent }) => {
    if (mailing === null) {
      const asked = { input: inputOf(values), draft: intent === 'draft' };
      return savedOf(await create({ ...asked, key: keyOf(asked) }), null);
    }
    const input = changesOf(base, values, intent);
    let saved: Saved = { mailing, complaints: [] };
    if (Object.keys(input).length > 0) {
      saved = savedOf(await update({ id: mailing.id, input: { ...input, revision } }), mailing);
    }
    const isDone = saved.error !== undefined || saved.complaints.length > 0 || mailing.status !== 'DRAFT';
    if (isDone || intent === 'draft' || intent === 'edit') return saved;
    const step = values.startMode === 'now' ? start : schedule;
    // What goes out is what was confirmed.
    return savedOf(await step({ id: mailing.id, revision: saved.mailing?.revision ?? null }), saved.mailing);
  };
}

/** Only what differs; a mailing that is to start now has its start moved to now. */
function changesOf(base: EditorValues, values: EditorValues, intent: Intent): MailingInput {
  const input = inputOfParts(values, changedParts(base, values));
  const startsNow = values.startMode === 'now' && ('startsAt' in input || intent === 'start');
  return startsNow ? { ...input, startsAt: new Date().toISOString() } : input;
}

function savedOf({ data, error }: Answer, before: EditedMailingFragment | null): Saved {
  const payload = data && Object.values(data).find((one) => typeof one === 'object');
  return { mailing: payload?.mailing ?? before, complaints: payload?.userErrors ?? [], error };
}

/** The same as long as the same is asked: sent again, because its answer got lost, it makes no second mailing. */
function useIdempotencyKey(): (asked: unknown) => string {
  const last = useRef({ asked: '', key: '' });
  return (asked) => {
    const written = JSON.stringify(asked);
    if (written !== last.current.asked) last.current = { asked: written, key: freshKey() };
    return last.current.key;
  };
}
