/** Whole days for which the messages of a mailing were kept after its end. */
export function daysKept(finishedAt: string, prunedAt: string): number {
  return Math.max(0, Math.floor((Date.parse(prunedAt) - Date.parse(finishedAt)) / 86_400_000));
}
