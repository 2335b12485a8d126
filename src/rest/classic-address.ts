/** Addresses that people know from elsewhere, and ours. The first that fits holds. */
const ALIASES: readonly (readonly [RegExp, string])[] = [
  [/^\/mailing\/api\/clients(?=[/?]|$)/i, '/api/v1/clients'],
  [/^\/mailing\/api(?=[/?]|$)/, '/api/v1'],
  [/^\/(?:swagger|v1\/docs|api\/v1\/docs)(?=[/?]|$)/, '/docs'],
];

/** Statistics of one mailing, as the classic services had them. */
const STATISTICS = /^\/api\/v1\/(?:mailings\/([^/?]+)\/stats|statistics\/([^/?]+))(?=\/?(?:\?|$))/;

/**
 * Leads the addresses of the classic services to ours, before a route is looked for: they need no routes of their own, and
 * stand in no document.
 *
 * @param url path and query as they came
 */
export function fromClassicAddress(url: string): string {
  const [pattern, ours] = ALIASES.find(([known]) => known.test(url)) ?? [];
  const own = pattern === undefined ? url : url.replace(pattern, ours as string);
  return own.replace(STATISTICS, (_all, first?: string, second?: string) => {
    return `/api/v1/mailings/${first ?? second}/statistics`;
  });
}
