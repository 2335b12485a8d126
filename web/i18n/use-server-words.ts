import { useTranslation } from 'react-i18next';
import type { Language } from './i18n.js';
import { sayIn } from './server-sentences.js';

/** How what the server gives as a reason, with a message or a job, is said in the language of the moment. */
export function useServerWords(): (said: string) => string {
  const { i18n } = useTranslation();
  return (said) => sayIn(i18n.language as Language, said);
}
