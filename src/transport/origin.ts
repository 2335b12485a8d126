/**
 * Whether a page of this origin may use our cookies: it came from the host it now speaks to, or from the public address.
 * Browsers let any page open a WebSocket to anywhere, cookies included (RFC 6455 §10.2), so the server has to look.
 * No origin at all: no browser, and so nobody's cookies but its own.
 */
export function isAllowedOrigin(
  origin: string | undefined,
  host: string | undefined,
  publicUrl: string | null,
): boolean {
  if (origin === undefined) return true;
  if (!URL.canParse(origin)) return false;
  const from = new URL(origin);
  if (publicUrl !== null && from.origin === new URL(publicUrl).origin) return true;
  return host !== undefined && /^https?:$/.test(from.protocol) && from.host === normalised(host, from.protocol);
}

/** A Host header without the port that its scheme means anyway, as `URL.host` has it. */
function normalised(host: string, protocol: string): string | undefined {
  const url = `${protocol}//${host}`;
  return URL.canParse(url) ? new URL(url).host : undefined;
}
