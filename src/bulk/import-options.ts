import { z } from 'zod';
import { timeZone } from '../client/client.inputs.js';
import { AppError } from '../errors.js';
import { parseInput } from '../graphql/parse-input.js';
import type { TimeZoneList } from '../graphql/time-zones.js';
import { DELIMITERS, type Delimiter, ENCODINGS, type Encoding } from './decode-text.js';

/** What wins where a client with the phone is there already. */
export const CONFLICT_RULES = ['keep', 'overwrite', 'merge'] as const;
export type ConflictRule = (typeof CONFLICT_RULES)[number];

/** How a file is to be read, and what is to be done with it. */
export interface ImportOptions {
  onConflict: ConflictRule;
  encoding: Encoding | 'auto';
  delimiter: Delimiter | 'auto';
  /** Only count what would be done. */
  dryRun: boolean;
  /** For new clients whose line names no zone; null: such a line is an error. */
  timeZone: string | null;
  /** What columns mean whose names do not tell, as `column:meaning`. */
  map: ReadonlyMap<string, string>;
}

/** What may part the cells of a file; auto: whichever it has most of. */
export const DELIMITER_NAMES = ['auto', ...Object.keys(DELIMITERS)] as ['auto', ...(keyof typeof DELIMITERS)[]];
const MAX_COLUMNS = 200;

/** What one column is for, as it is written. */
export const columnMeaning = z
  .string()
  .max(300)
  .regex(/^[\s\S]+:[\s\S]+$/, 'must be a column of the file, a colon, and what it means');

const pair = columnMeaning.transform((text): [string, string] => {
  const colon = text.lastIndexOf(':');
  return [text.slice(0, colon).trim(), text.slice(colon + 1).trim()];
});

/** @throws InputError that names each wrong option */
export function parseImportOptions(given: unknown, zones: TimeZoneList): ImportOptions {
  const schema = z.strictObject({
    onConflict: z.enum(CONFLICT_RULES).default('overwrite'),
    encoding: z.enum(['auto', ...ENCODINGS]).default('auto'),
    delimiter: z.enum(DELIMITER_NAMES).default('auto'),
    dryRun: z.boolean().default(false),
    timeZone: timeZone(zones).nullish(),
    map: z.array(pair).max(MAX_COLUMNS).default([]),
  });
  const { delimiter, map, ...rest } = parseInput(schema, given);
  const meanings = new Map(map);
  if (meanings.size < map.length) throw new AppError('BAD_USER_INPUT', 'map names a column twice.', 'map');
  return {
    ...rest,
    timeZone: rest.timeZone ?? null,
    delimiter: delimiter === 'auto' ? delimiter : DELIMITERS[delimiter],
    map: meanings,
  };
}
