import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';

type Words = Record<string, string>;

const WEB = import.meta.dirname;
const files = readdirSync(WEB, { recursive: true, encoding: 'utf8' }).filter((file) => !file.startsWith('generated/'));
const read = (file: string) => readFileSync(join(WEB, file), 'utf8');
const rooms = files.filter((file) => file.endsWith('/en.json')).map((file) => file.slice(0, -'/en.json'.length));

/** CLDR's plural forms of each language, by which i18next names its keys. */
const FORMS = { en: ['one', 'other'], ru: ['one', 'few', 'many', 'other'] } as const;
const FORM = /_(zero|one|two|few|many|other)$/;

/** Written the same in Russian: names of products, formats and keys, and what is typed in Latin letters. */
const LATIN =
  /^(API|AND|CSV|CPU|English|Excel|Esc|GSM|GSM-7|GraphQL|GraphiQL|HTTP|https|Heliograph|ID|JSON|Liquid|MongoDB|OR|OpenID|PostgreSQL|REST|SMS|SMTP|UCS|UCS-2|URL|UTC|UTF|Windows|Ctrl|Tab|Enter|Shift|PDF|PNG|example|org)$/;

/** The key without its plural form. */
const stem = (key: string) => key.replace(FORM, '');
const placeholders = (text: string) => [...new Set([...text.matchAll(/{{\s*(\w+)/g)].map(([, name]) => name))].sort();

/** The forms that each plural sentence has; `null` where a key is no plural. */
function formsOf(words: Words): Map<string, string[] | null> {
  const forms = new Map<string, string[] | null>();
  for (const key of Object.keys(words)) {
    const form = key.match(FORM)?.[1];
    if (form === undefined) forms.set(key, null);
    else forms.set(stem(key), [...(forms.get(stem(key)) ?? []), form]);
  }
  return forms;
}

describe.each(rooms)('the words of %s', (room) => {
  const en = JSON.parse(read(`${room}/en.json`)) as Words;
  const ru = JSON.parse(read(`${room}/ru.json`)) as Words;

  it('are the same in both languages, each with the plural forms that it has', () => {
    expect([...formsOf(ru).keys()].sort()).toEqual([...formsOf(en).keys()].sort());
    for (const [words, forms] of [[en, FORMS.en] as const, [ru, FORMS.ru] as const]) {
      for (const [key, its] of formsOf(words))
        if (its) expect([key, ...its.sort()]).toEqual([key, ...[...forms].sort()]);
    }
  });

  it('take the same values in both languages', () => {
    for (const [key, text] of Object.entries(ru)) {
      // A Russian "one" is also 21 and 31: whatever English says of many, the number first, has its place in it.
      const english = FORM.test(key) ? en[`${stem(key)}_other`] : en[key];
      expect([key, ...placeholders(text)]).toEqual([key, ...placeholders(english ?? '')]);
    }
  });

  it('say something, with nothing left in English in Russian', () => {
    for (const [key, text] of [...Object.entries(en), ...Object.entries(ru)])
      expect([key, text.trim()]).not.toEqual([key, '']);
    const foreign = Object.entries(ru).flatMap(([key, text]) => {
      // Templates, addresses, marks, settings and commands are written as they are.
      const given =
        /{{[^}]*}}|{%[^%]*%}|https?:\S+|<[^>]*>|[A-Z]+(?:_[A-Z]+)+|[A-Z]+=\w+|npm start|npm run [\w:-]+(?: -- \w+(?: \w+)?)?/g;
      const words = text.replace(given, ' ').match(/[A-Za-z]{2,}(?:-[A-Za-z\d]+)*/g) ?? [];
      return words.filter((word) => !LATIN.test(word)).map((word) => `${key}: ${word}`);
    });
    expect(foreign).toEqual([]);
  });

  it('are all used', () => {
    const sources = files.filter((file) => /\.tsx?$/.test(file) && !file.endsWith('.test.ts')).map(read);
    const code = sources.join('\n');
    // Keys that code puts together: t(`mailing.${status}`), `counts.${part}`.
    const made = [...code.matchAll(/`([\w.]*)\$\{[^}]*\}([\w.]*)`/g)].map(
      ([, before, after]) => [before!, after!] as const,
    );
    const isMade = (key: string) =>
      made.some(([before, after]) => before + after !== '' && key.startsWith(before) && key.endsWith(after));
    const unused = [...formsOf(en).keys()].filter(
      (key) => ![`'${key}'`, `"${key}"`].some((quoted) => code.includes(quoted)) && !isMade(key),
    );
    expect(unused).toEqual([]);
  });
});
