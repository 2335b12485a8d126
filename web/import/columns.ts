/** What a column of a file can be for. */
export const USES = ['phone', 'time_zone', 'tags', 'operator_code', 'attribute', '-'] as const;
export type Use = (typeof USES)[number];

/** What one column is for; `name` is that of the attribute, as texts will use it. */
export interface Column {
  header: string;
  use: Use;
  name: string;
}

/** What is wrong with the columns as they are. */
export type ColumnProblem = 'noPhone' | 'noZone' | 'twice' | 'badName';

/** By the plain name of a column, what the server takes it for by itself. */
const KNOWN: Readonly<Record<string, Use>> = {
  phone: 'phone',
  operatorcode: 'operator_code',
  tags: 'tags',
  tag: 'tags',
  timezone: 'time_zone',
  id: '-',
  optedoutat: '-',
  createdat: '-',
  updatedat: '-',
  importline: '-',
  importerror: '-',
};

/** And what people call them. */
const USUAL: readonly [RegExp, Use][] = [
  [/^(mobile|cell|msisdn|tel|telephone|phone(number|no)|телефон|мобильный|номер(телефона)?)$/, 'phone'],
  [/^(tz|zone|часовойпояс|пояс)$/, 'time_zone'],
  [/^(labels?|segments?|метки|метка|теги|тег|сегменты?)$/, 'tags'],
  [/^(operator|кодоператора|оператор)$/, 'operator_code'],
];

/** Names that a text uses for what every client has. */
const TAKEN = ['phone', 'timeZone'];

const plain = (name: string) => name.toLowerCase().replaceAll(/[\s_-]/g, '');
const looksLikePhone = (cell = '') => /^\+?[78][\s(-]*\d{3}[\s)-]*\d{3}[\s-]?\d{2}[\s-]?\d{2}$/.test(cell.trim());

/** What each column is probably for: by its name, or else, of a phone, by what stands in it. */
export function guessColumns(header: readonly string[], rows: readonly (readonly string[])[]): Column[] {
  const columns = header.map((name) => ({ header: name, use: guess(name), name: attributeName(name) }));
  if (columns.some(({ use }) => use === 'phone')) return columns;
  const at = header.findIndex((_, column) => rows.length > 0 && rows.every((row) => looksLikePhone(row[column])));
  return columns.map((column, place) => (place === at ? { ...column, use: 'phone' } : column));
}

function guess(header: string): Use {
  if (header === '') return '-';
  const name = plain(header);
  return KNOWN[name] ?? USUAL.find(([pattern]) => pattern.test(name))?.[1] ?? 'attribute';
}

/** As near to the column's name as an attribute's can be. */
export function attributeName(header: string): string {
  const own = header.replace(/^attributes\./, '');
  return own
    .replaceAll(/[^\p{L}\p{N}_]+/gu, '_')
    .replace(/^[^\p{L}]+|_+$/gu, '')
    .slice(0, 64);
}

/** Whether texts can use it. */
export function isAttributeName(name: string): boolean {
  return /^\p{L}[\p{L}\p{N}_]{0,63}$/u.test(name) && !TAKEN.includes(name);
}

/** @param timeZone where clients live whose line does not say; null: nobody said */
export function problemsOf(columns: readonly Column[], timeZone: string | null): ColumnProblem[] {
  const times = (use: Use) => columns.filter((column) => column.use === use).length;
  const names = columns.filter(({ use }) => use === 'attribute').map(({ name }) => name);
  const problems: [ColumnProblem, boolean][] = [
    ['noPhone', times('phone') === 0],
    ['noZone', times('time_zone') === 0 && timeZone === null],
    [
      'twice',
      (['phone', 'time_zone', 'tags', 'operator_code'] as const).some((use) => times(use) > 1) ||
        new Set(names).size < names.length,
    ],
    ['badName', names.some((name) => !isAttributeName(name))],
  ];
  return problems.flatMap(([problem, holds]) => (holds ? [problem] : []));
}

/** Whether the first line has a client where names of columns should be. */
export function hasNoHeader(header: readonly string[]): boolean {
  return header.some((name) => looksLikePhone(name));
}

/** The columns whose names alone would not tell the server, as its parameter `map` takes them. */
export function mapping(columns: readonly Column[]): string[] {
  return columns
    .filter((column) => column.header !== '' && !isTold(column))
    .map(({ header, use, name }) => `${header}:${use === 'attribute' ? `attributes.${name}` : use}`);
}

function isTold({ header, use, name }: Column): boolean {
  const known = KNOWN[plain(header)] ?? 'attribute';
  return known === use && (use !== 'attribute' || header.replace(/^attributes\./, '') === name);
}
