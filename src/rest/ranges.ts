import { z } from 'zod';

/** Stretches of time as parameters of an address: `createdAt` is asked for with `createdAtFrom` and `createdAtTo`. */
export function rangeShape(...fields: readonly string[]): Record<string, z.ZodType> {
  return Object.fromEntries(
    fields.flatMap((field) => [
      [`${field}From`, instant.describe(`\`${field}\` from this moment on.`)],
      [`${field}To`, instant.describe(`\`${field}\` up to this moment, itself not included.`)],
    ]),
  );
}

/** Text that is a moment; the filter it becomes a part of reads it. */
export const instant = z.iso.datetime({
  offset: true,
  error: 'must be a moment with its offset, such as 2026-11-21T09:00:00Z',
});

/** The same as a filter has them: `{ createdAt: { from, to } }`. What is no range stays as it is. */
export function withRanges(
  query: Readonly<Record<string, unknown>>,
  ...fields: readonly string[]
): Record<string, unknown> {
  const filter = { ...query };
  for (const field of fields) {
    const { [`${field}From`]: from, [`${field}To`]: to } = filter;
    delete filter[`${field}From`];
    delete filter[`${field}To`];
    if (from !== undefined || to !== undefined) filter[field] = { from, to };
  }
  return filter;
}
