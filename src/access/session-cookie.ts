import type { CookieSerializeOptions } from '@fastify/cookie';

/** The browser's proof of a session: out of reach for scripts, and not sent along by pages of other sites. */
export interface SessionCookie {
  name: string;
  options: CookieSerializeOptions;
}

/**
 * Over https it is `Secure`, and the prefix `__Host-` (RFC 6265bis §4.1.3.2) keeps neighbouring hosts from setting one.
 * Plain http on 127.0.0.1 can't have either.
 */
export function sessionCookie(publicUrl: string | null): SessionCookie {
  const secure = publicUrl?.startsWith('https:') ?? false;
  return {
    name: secure ? '__Host-heliograph' : 'heliograph_session',
    options: { path: '/', httpOnly: true, sameSite: 'lax', secure },
  };
}
