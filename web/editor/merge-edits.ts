import { changedParts, type EditorValues, inZone, type Part, VALUES_OF_PART } from './form-values.js';

/** What became of a mailing that somebody else changed while it was edited here. */
export interface Merge {
  /** Parts only they changed: theirs are taken. */
  theirs: Part[];
  /** Parts that both changed, and not to the same: a person chooses. */
  both: Part[];
}

/**
 * Holds two edits of one mailing against each other.
 *
 * @param base as both found it
 */
export function compareEdits(base: EditorValues, mine: EditorValues, theirs: EditorValues): Merge {
  const byMe = changedParts(base, mine);
  const byThem = changedParts(base, theirs);
  const apart = changedParts(mine, theirs);
  return {
    theirs: byThem.filter((part) => !byMe.includes(part)),
    both: byThem.filter((part) => byMe.includes(part) && apart.includes(part)),
  };
}

/** My edit, with these parts as they have them. */
export function takeParts(mine: EditorValues, theirs: EditorValues, parts: readonly Part[]): EditorValues {
  const inMyZone: EditorValues = inZone(theirs, mine.zone);
  const taken = parts.flatMap((part) => VALUES_OF_PART[part]).map((field) => [field, inMyZone[field]]);
  return { ...mine, ...Object.fromEntries(taken) };
}
