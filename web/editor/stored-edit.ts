import type { EditorValues } from './form-values.js';

/** What was typed and not saved: kept by the browser, so that neither a closed tab nor a crash costs it. */
export interface StoredEdit {
  values: EditorValues;
  /** As it was when the edit began. */
  base: EditorValues;
  /** Of the mailing, when the edit began; null: a new one. */
  revision: number | null;
  /** ms since the epoch. */
  at: number;
}

/** After this an edit is forgotten, ms: a week. */
const KEPT = 7 * 86_400_000;

/** Each person's own, where several use one browser. @param mailing its id, or `new` */
export function storedKey(viewer: string, mailing: string): string {
  return `heliograph-edit:${viewer}:${mailing}`;
}

/**
 * The edit as it was left. An older version of the page may have written it: what it lacks is as in `fresh`.
 *
 * @param kept what the browser has by that key
 * @returns null: there is none that could be gone on with
 */
export function readStored(kept: string | null, fresh: EditorValues, now: number): StoredEdit | null {
  if (kept === null) return null;
  try {
    const { values, base, at, revision } = JSON.parse(kept) as StoredEdit;
    if (typeof values !== 'object' || !(now - at < KEPT)) return null;
    return { values: complete(values, fresh), base: complete(base ?? {}, fresh), at, revision: revision ?? null };
  } catch {
    return null;
  }
}

function complete(values: Partial<EditorValues>, fresh: EditorValues): EditorValues {
  const known = Object.entries(values).filter(
    ([field, value]) => field in fresh && kindOf(value) === kindOf(fresh[field as keyof EditorValues]),
  );
  const numbers = { rateLimit: numberOf(values.rateLimit), maxAttempts: numberOf(values.maxAttempts) };
  return { ...fresh, ...Object.fromEntries(known), ...numbers };
}

function kindOf(value: unknown): string {
  return Array.isArray(value) ? 'list' : typeof value;
}

function numberOf(value: unknown): number | '' {
  return typeof value === 'number' ? value : '';
}
