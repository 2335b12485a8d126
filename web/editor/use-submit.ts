import type { UseFormReturnType } from '@mantine/form';
import { type FormEvent, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { type CombinedError, useClient } from 'urql';
import { type ComplaintFragment, EditedMailingDocument, type EditedMailingFragment } from '../generated/graphql.js';
import { problemsOf } from './check-values.js';
import { type EditorValues, fieldOf, PART_NAMES, startOf, valuesOf } from './form-values.js';
import { editableParts, isLaunched } from './frozen-parts.js';
import { type Intent, useSave } from './use-save.js';

/** What the edit began with. */
export interface Ground {
  base: EditorValues;
  revision: number | null;
}

interface SubmitParts {
  form: UseFormReturnType<EditorValues>;
  mailing: EditedMailingFragment | null;
  ground: Ground;
  onGround: (ground: Ground) => void;
  /** It is saved. */
  onDone: (id: string) => void;
}

/** The way from a press of a button to what is saved. */
export interface Submit {
  /** What the main button does with the mailing as it is in the form. */
  intent: Intent;
  onSubmit: (event: FormEvent) => void;
  saveDraft: () => void;
  /** What is asked about before it is done; null: nothing. */
  confirming: Intent | null;
  confirm: () => void;
  cancel: () => void;
  saving: boolean;
  /** The mailing as somebody else saved it in the meantime; null: nobody did. */
  theirs: EditedMailingFragment | null;
  takeMerged: (merged: EditorValues) => void;
  error: CombinedError | undefined;
  /** What the server said of no field in particular. */
  complaints: readonly string[];
}

export function useSubmit({ form, mailing, ground, onGround, onDone }: SubmitParts): Submit {
  const { t } = useTranslation('editor');
  const client = useClient();
  const save = useSave();
  const [confirming, setConfirming] = useState<Intent | null>(null);
  const [saving, setSaving] = useState(false);
  const [theirs, setTheirs] = useState<EditedMailingFragment | null>(null);
  const [trouble, setTrouble] = useState<{ error?: CombinedError | undefined; complaints: readonly string[] }>(CALM);
  const intent = mainIntent(mailing, form.values);

  const isSound = (draft: boolean) => {
    const editable = mailing === null ? PART_NAMES : editableParts(mailing.status);
    const problems = problemsOf(form.getValues(), { now: Date.now(), editable, draft });
    const told = Object.entries(problems).map(([field, problem]) => [field, t(problem)]);
    form.setErrors(Object.fromEntries(told));
    if (told.length > 0) focusFirstError();
    return told.length === 0;
  };
  const complain = async (complaints: readonly ComplaintFragment[]) => {
    if (mailing !== null && complaints.some(({ field }) => field === 'revision')) {
      const asked = client.query(EditedMailingDocument, { id: mailing.id }, { requestPolicy: 'network-only' });
      return setTheirs((await asked.toPromise()).data?.mailing ?? null);
    }
    const told = complaints.map(({ field, message }) => ({ field: fieldOf(field), message }));
    form.setErrors(Object.fromEntries(told.flatMap((one) => (one.field ? [[one.field, one.message]] : []))));
    setTrouble({ complaints: told.filter(({ field }) => field === null).map(({ message }) => message) });
    focusFirstError();
  };
  const run = async (wanted: Intent) => {
    setSaving(true);
    setTrouble(CALM);
    const saved = await save({ mailing, ...ground, values: form.getValues(), intent: wanted });
    setSaving(false);
    setConfirming(null);
    if (saved.error) return setTrouble({ error: saved.error, complaints: [] });
    if (saved.complaints.length === 0 && saved.mailing) return onDone(saved.mailing.id);
    // A draft may have been changed before what was to follow was refused.
    if (saved.mailing && saved.mailing.revision !== ground.revision && saved.mailing !== mailing) {
      onGround({ base: valuesOf(saved.mailing, form.values.zone, Date.now()), revision: saved.mailing.revision });
    }
    await complain(saved.complaints);
  };
  return {
    intent,
    confirming,
    saving,
    theirs,
    ...trouble,
    error: trouble.error,
    onSubmit: (event) => {
      event.preventDefault();
      if (!isSound(false)) return;
      if (intent === 'edit') void run('edit');
      else setConfirming(intent);
    },
    saveDraft: () => {
      if (isSound(true)) void run('draft');
    },
    confirm: () => confirming && void run(confirming),
    cancel: () => {
      setConfirming(null);
      setTheirs(null);
    },
    takeMerged: (merged) => {
      if (theirs === null) return;
      onGround({ base: valuesOf(theirs, merged.zone, Date.now()), revision: theirs.revision });
      form.setValues(merged);
      setTheirs(null);
    },
  };
}

const CALM = { error: undefined, complaints: [] };

/** Goes out now, goes out at its start, or is only changed. */
function mainIntent(mailing: EditedMailingFragment | null, values: EditorValues): Intent {
  if (mailing !== null && isLaunched(mailing.status)) return 'edit';
  const now = Date.now();
  if ((startOf(values, now) ?? Number.POSITIVE_INFINITY) <= now) return 'start';
  return mailing?.status === 'SCHEDULED' ? 'edit' : 'schedule';
}

/** Once the errors are drawn. */
function focusFirstError(): void {
  requestAnimationFrame(() => document.querySelector<HTMLElement>('form [aria-invalid="true"]')?.focus());
}
