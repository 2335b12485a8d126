import type { TokenRowFragment } from '../generated/graphql.js';

/** Whether a token opens anything at `now`, ms since 1970, and until when. */
export function tokenState(
  { revokedAt, expiresAt }: Pick<TokenRowFragment, 'revokedAt' | 'expiresAt'>,
  now: number,
): 'revoked' | 'expired' | 'holds' | 'forever' {
  if (revokedAt) return 'revoked';
  if (!expiresAt) return 'forever';
  return Date.parse(expiresAt) <= now ? 'expired' : 'holds';
}

/** How long a new token may hold, in days; null: until it is revoked. */
export const LIVES = { month: 30, quarter: 90, year: 365, forever: null } as const;
export type Life = keyof typeof LIVES;

/** The end of such a life that begins at `now`, ms since 1970. */
export function endOf(life: Life, now: number): string | null {
  const days = LIVES[life];
  return days === null ? null : new Date(now + days * 86_400_000).toISOString();
}
