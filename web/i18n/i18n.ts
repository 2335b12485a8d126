import i18next from 'i18next';
import { initReactI18next } from 'react-i18next';

/** The languages of the dashboard; each room brings its words in all of them. */
export const LANGUAGES = { en: 'English', ru: 'Русский' } as const;
export type Language = keyof typeof LANGUAGES;

const STORED = 'heliograph-language';

/**
 * The words of each room, by its name. A room adds itself:
 * `declare module '../i18n/i18n.js' { interface Words { clients: typeof en } }`
 */
// biome-ignore lint/suspicious/noEmptyInterface: the rooms fill it
export interface Words {}

declare module 'i18next' {
  interface CustomTypeOptions {
    resources: Words;
    keySeparator: false;
    nsSeparator: false;
    returnNull: false;
  }
}

/** What was chosen here before, else the browser's own language where we have it, else English. */
function firstLanguage(): Language {
  const wanted = [localStorage.getItem(STORED), ...navigator.languages].map((tag) => tag?.slice(0, 2));
  return wanted.find((tag): tag is Language => tag === 'en' || tag === 'ru') ?? 'en';
}

i18next.use(initReactI18next).init({
  lng: firstLanguage(),
  fallbackLng: 'en',
  keySeparator: false,
  nsSeparator: false,
  // React escapes by itself.
  interpolation: { escapeValue: false },
  resources: {},
});
document.documentElement.lang = language();

/** Takes in the words of a room; called once, where its page is loaded. English plural forms are `_one`, `_other`; Russian ones `_one`, `_few`, `_many`, `_other`. */
export function addWords(room: keyof Words, words: Record<Language, Record<string, string>>): void {
  for (const [tag, its] of Object.entries(words)) i18next.addResourceBundle(tag, room, its);
}

export function language(): Language {
  return i18next.language as Language;
}

/** Everything that is shown changes at once; the browser remembers it. */
export function chooseLanguage(tag: Language): void {
  localStorage.setItem(STORED, tag);
  document.documentElement.lang = tag;
  void i18next.changeLanguage(tag);
}
