import { isAttributeName, type NewClient } from '../client/client.inputs.js';
import {
  attributeOfColumn,
  COLUMN_FIELDS,
  type ColumnField,
  PASSED_OVER,
  plainName,
} from '../client/client-columns.js';
import type { ClientLine } from '../client/plain-client.js';
import { AppError } from '../errors.js';
import { InputError } from '../graphql/parse-input.js';
import type { ClientJobRow, LineProblem } from './client-job-row.js';
import type { ImportOptions } from './import-options.js';
import { type CsvRecord, MAX_RECORD } from './read-csv.js';

/** Says in a mapping that a column is to be passed over. */
const NOTHING = '-';

/** What one column is for; null: nothing. */
type Column = { field: ColumnField } | { attribute: string } | null;

/** A row of a file as it is checked, and kept until its client is in. */
export type StagedRow = Omit<ClientJobRow, 'jobId' | symbol>;

/**
 * What the columns of a file mean, found out once from its first line. Messages repeat no name that might be a phone: a file
 * may have no header at all.
 */
export class ImportColumns {
  readonly #columns: Column[];

  /** @throws AppError BAD_USER_INPUT when the header makes no sense, on `map` when the mapping does not fit it */
  constructor(
    readonly header: readonly string[],
    private readonly options: ImportOptions,
    private readonly parseClient: (line: ClientLine) => NewClient,
  ) {
    const unknown = [...options.map.keys()].findIndex((name) => !header.includes(name));
    if (unknown !== -1) throw new AppError('BAD_USER_INPUT', `map.${unknown} is no column of the file.`, 'map');
    this.#columns = header.map((name, at) => this.#meaningOf(name, at));
    if (!this.#has('phone'))
      throw wrong(
        'The file has no column "phone": name the one that is it (map). Or it has no line with the names of its columns.',
      );
    if (!this.#has('timeZone') && options.timeZone === null) {
      throw wrong(
        'The file has no column "time_zone": name the one that is it (map), or the zone where its clients live (timeZone).',
      );
    }
    const names = this.#columns.flatMap((column) => (column === null ? [] : JSON.stringify(column)));
    if (new Set(names).size < names.length) throw wrong('The file has two columns for the same.');
  }

  /** Checks a record. One that is wrong is kept as well, with all that is wrong with it. */
  check({ line, cells, broken }: CsvRecord): StagedRow {
    const row: StagedRow = { ...NOTHING_TOLD, line, cells: cells.some(hasNul) ? cells.map(withoutNul) : cells };
    const problem = broken ? UNREADABLE[broken] : this.#problemOf(cells);
    if (problem) return { ...row, problems: [problem] };
    const told = this.#read(cells);
    try {
      const { phone, operatorCode, tags, timeZone } = this.parseClient({
        phone: told.phone ?? undefined,
        operatorCode: told.operatorCode,
        tags: told.tags === null ? null : splitTags(told.tags),
        timeZone: told.timeZone ?? this.options.timeZone ?? undefined,
        attributes: told.isMissing ? dropNulls(told.attributes) : (told.attributes as Record<string, string>),
      });
      row.phone = phone;
      if (told.operatorCode !== null) row.operatorCode = operatorCode;
      if (told.tags !== null) row.tags = tags;
      if (told.timeZone !== null) row.timeZone = timeZone;
      row.attributes = told.attributes;
      return row;
    } catch (error) {
      if (!(error instanceof InputError)) throw error;
      return {
        ...row,
        problems: error.problems.map(({ field = '', message }) => ({ field: this.#columnOf(field), message })),
      };
    }
  }

  #has(field: ColumnField): boolean {
    return this.#columns.some((column) => column !== null && 'field' in column && column.field === field);
  }

  #meaningOf(name: string, at: number): Column {
    const meaning = this.options.map.get(name) ?? name;
    const plain = plainName(meaning);
    if (meaning === NOTHING || name === '' || PASSED_OVER.includes(plain)) return null;
    const field = COLUMN_FIELDS.get(plain);
    if (field !== undefined) return { field };
    const attribute = attributeOfColumn(meaning);
    if (isAttributeName(attribute)) return { attribute };
    throw wrong(
      `Column ${at + 1} of the file can be no attribute: names begin with a letter and go on with letters, digits and _. Say in map what it means, or that it means nothing ("-").`,
    );
  }

  #problemOf(cells: readonly string[]): LineProblem | null {
    const { header } = this;
    if (cells.length !== header.length) {
      return { field: '', message: `The line has ${cells.length} cells; the first line has ${header.length}.` };
    }
    const garbled = cells.findIndex((cell) => cell.includes('\uFFFD'));
    if (garbled === -1) return null;
    return { field: header[garbled]!, message: 'The cell has bytes that are no text in the encoding of the file.' };
  }

  /** An empty cell tells nothing; only `overwrite` takes away what is not there. */
  #read(cells: readonly string[]): Told {
    const told: Told = {
      phone: null,
      operatorCode: null,
      tags: null,
      timeZone: null,
      attributes: {},
      isMissing: false,
    };
    const overwrites = this.options.onConflict === 'overwrite';
    for (const [at, column] of this.#columns.entries()) {
      if (column === null) continue;
      const cell = withoutGuard(cells[at]!);
      if ('field' in column) {
        if (cell !== '' || (overwrites && column.field === 'tags')) told[column.field] = cell;
      } else if (cell !== '') told.attributes[column.attribute] = cell;
      else if (overwrites) {
        told.attributes[column.attribute] = null;
        told.isMissing = true;
      }
    }
    return told;
  }

  /** `tags.0` and `attributes.city` are the columns that they were read from; all attributes together are none. */
  #columnOf(path: string): string {
    const [first = '', second] = path.split('.');
    const at = this.#columns.findIndex((column) => {
      if (column === null) return false;
      return 'field' in column ? column.field === first : first === 'attributes' && column.attribute === second;
    });
    return this.header[at] ?? (first === 'attributes' ? '' : first);
  }
}

const UNREADABLE = {
  quote: { field: '', message: 'The line is no CSV: a quote is not closed where its cell ends.' },
  length: { field: '', message: `The line has more than ${MAX_RECORD.toLocaleString('en')} characters.` },
};

/** What the cells of a line tell; null: nothing. */
interface Told extends Record<ColumnField, string | null> {
  /** Null: it is to be taken away. */
  attributes: Record<string, string | null>;
  /** Some are. */
  isMissing: boolean;
}

const NOTHING_TOLD = { phone: null, operatorCode: null, tags: null, timeZone: null, attributes: null, problems: null };

const hasNul = (cell: string) => cell.includes('\0');
const withoutNul = (cell: string) => cell.replaceAll('\0', '\uFFFD');

/** Takes off the quote that an export puts before what a spreadsheet would take for a formula. */
function withoutGuard(cell: string): string {
  return cell.startsWith("'") && /^'+[=+\-@\t\r]/.test(cell) ? cell.slice(1) : cell;
}

/** An export puts `\` before what would part a tag in two. */
function splitTags(cell: string): string[] {
  return (cell.match(/(?:\\[\\;|]|[^;|])+/g) ?? [])
    .map((tag) => tag.replace(/\\([\\;|])/g, '$1').trim())
    .filter((tag) => tag !== '');
}

function dropNulls(attributes: Record<string, string | null>): Record<string, string> {
  return Object.fromEntries(Object.entries(attributes).filter((entry): entry is [string, string] => entry[1] !== null));
}

function wrong(message: string): AppError {
  return new AppError('BAD_USER_INPUT', message);
}
