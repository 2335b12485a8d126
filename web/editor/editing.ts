import { createFormContext } from '@mantine/form';
import { createContext, useContext } from 'react';
import type { EditedMailingFragment } from '../generated/graphql.js';
import { type EditorValues, PART_NAMES, type Part } from './form-values.js';
import { editableParts } from './frozen-parts.js';

/** The form's values and errors, for all of its parts. */
export const [EditorForm, useEditorForm, useEditor] = createFormContext<EditorValues>();

/** The mailing that is edited; null: a new one. */
export const EditedContext = createContext<EditedMailingFragment | null>(null);

/** What is edited, and which parts of it may be. */
export function useEdited(): {
  mailing: EditedMailingFragment | null;
  editable: readonly Part[];
  isFrozen: (part: Part) => boolean;
} {
  const mailing = useContext(EditedContext);
  const editable = mailing === null ? PART_NAMES : editableParts(mailing.status);
  return { mailing, editable, isFrozen: (part) => !editable.includes(part) };
}
