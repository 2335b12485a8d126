/** Columns of a file of clients that mean something, by their plain names. */
export const COLUMN_FIELDS: ReadonlyMap<string, ColumnField> = new Map([
  ['phone', 'phone'],
  ['operatorcode', 'operatorCode'],
  ['tags', 'tags'],
  ['tag', 'tags'],
  ['timezone', 'timeZone'],
]);
export type ColumnField = 'phone' | 'operatorCode' | 'tags' | 'timeZone';

/** What an export, or a file of rejects, has beside: an import passes it over. */
export const PASSED_OVER: readonly string[] = [
  'id',
  'optedoutat',
  'createdat',
  'updatedat',
  'importline',
  'importerror',
];

/** Before the name of an attribute that would otherwise be taken for another column. */
const PREFIX = 'attributes.';

/** Without case, blanks, `_` and `-`. */
export function plainName(name: string): string {
  return name.toLowerCase().replace(/[\s_-]/g, '');
}

/** The column that an attribute has in a file. */
export function columnOfAttribute(name: string): string {
  const plain = plainName(name);
  return COLUMN_FIELDS.has(plain) || PASSED_OVER.includes(plain) ? `${PREFIX}${name}` : name;
}

/** The attribute that a column with the prefix is for, or the name as it is. */
export function attributeOfColumn(name: string): string {
  return name.startsWith(PREFIX) ? name.slice(PREFIX.length) : name;
}
