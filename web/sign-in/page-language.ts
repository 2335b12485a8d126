/** The language chosen on the dashboard, else the first of the browser's that these pages speak, else English. */
export function pageLanguage(stored: string | null, wanted: readonly string[]): 'en' | 'ru' {
  const tags = [stored, ...wanted].map((tag) => tag?.slice(0, 2));
  return tags.find((tag): tag is 'en' | 'ru' => tag === 'en' || tag === 'ru') ?? 'en';
}
