import { pageLanguage } from './page-language.js';
import ru from './ru.json';

/** Where the dashboard keeps the chosen language: i18n/i18n.ts. */
const STORED = 'heliograph-language';

const language = pageLanguage(localStorage.getItem(STORED), navigator.languages);

/**
 * The page is written in English, and works so without scripts. Its texts are their own keys: what ru.json has for one is
 * shown in its place. `{…}` stands for what is put in.
 */
export function say(text: string, values: Record<string, string> = {}): string {
  const words = language === 'ru' ? ((ru as Record<string, string>)[text] ?? text) : text;
  return words.replace(/\{(\w+)\}/g, (whole, name: string) => values[name] ?? whole);
}

/** The same of what the server said, for which the dashboard has words, too. */
export async function sayOfServer(text: string): Promise<string> {
  const words = say(text);
  if (words !== text) return words;
  const { sayIn } = await import('../i18n/server-sentences.js').catch(() => ({ sayIn: null }));
  return sayIn?.(language, text) ?? text;
}

/** Puts the whole page into the language of who reads it. */
export function translatePage(): void {
  if (language === 'en') return;
  document.documentElement.lang = language;
  for (const element of document.querySelectorAll('[data-words]')) {
    // What is marked up within a sentence goes along: `<1>…</1>` is its first element, and so on.
    const parts = [...element.children];
    const text = say(keyOf(element));
    element.replaceChildren(...piecesOf(text, parts));
  }
}

/** A sentence as ru.json knows it: one space between words, `<1>…</1>` for elements in it. */
export function keyOf(element: Element): string {
  let place = 0;
  const pieces = [...element.childNodes].map((node) => {
    if (!(node instanceof Element)) return node.textContent ?? '';
    place += 1;
    return `<${place}>${node.textContent}</${place}>`;
  });
  return pieces.join('').replace(/\s+/g, ' ').trim();
}

function piecesOf(text: string, parts: readonly Element[]): (string | Element)[] {
  return text.split(/(<\d>.*?<\/\d>)/).map((piece) => {
    const [, place, words] = /^<(\d)>(.*)<\/\d>$/.exec(piece) ?? [];
    const part = place === undefined ? undefined : parts[Number(place) - 1];
    if (part === undefined) return piece;
    if (part.tagName !== 'CODE') part.textContent = words ?? '';
    return part;
  });
}
