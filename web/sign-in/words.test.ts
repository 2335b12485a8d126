import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { pageLanguage } from './page-language.js';
import ru from './ru.json' with { type: 'json' };

const read = (file: string) => readFileSync(join(import.meta.dirname, file), 'utf8');

/** The sentences of the page, as words.ts finds them in it. */
function sentences(): string[] {
  const marked = [...read('../sign-in.html').matchAll(/<(\w+)\b[^>]*\bdata-words\b[^>]*>(.*?)<\/\1>/gs)];
  return marked.map(([, , inner = '']) => {
    let place = 0;
    const numbered = inner.replace(/<(\w+)[^>]*>(.*?)<\/\1>/gs, (_, __, words: string) => {
      place += 1;
      return `<${place}>${words}</${place}>`;
    });
    return numbered.replace(/\s+/g, ' ').trim();
  });
}

describe('the sign-in pages in Russian', () => {
  it('have a translation of every sentence', () => {
    expect(sentences().length).toBeGreaterThan(30);
    expect(sentences().filter((sentence) => !(sentence in ru))).toEqual([]);
  });

  it('have no translation of what is not said any more', () => {
    const said = [...sentences(), ...[...read('main.ts').matchAll(/'([A-Z][^']+)'/g)].map(([, text]) => text)];
    expect(Object.keys(ru).filter((sentence) => !said.includes(sentence))).toEqual([]);
  });

  it('keep what is put in, and what is marked up', () => {
    const marks = (text: string) => (text.match(/\{\w+\}|<\/?\d>/g) ?? []).sort();
    for (const [sentence, russian] of Object.entries(ru)) expect(marks(russian), sentence).toEqual(marks(sentence));
  });
});

it.each([
  ['ru', ['en-US'], 'ru'],
  [null, ['de', 'ru-RU', 'en'], 'ru'],
  [null, ['de', 'en-GB', 'ru'], 'en'],
  ['xx', ['de'], 'en'],
])('with %s chosen and %j wanted the pages speak %s', (stored, wanted, language) => {
  expect(pageLanguage(stored, wanted)).toBe(language);
});
