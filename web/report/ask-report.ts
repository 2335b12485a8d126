import type { MailingStatus } from '../generated/graphql.js';

/** How a mailing goes, for who has a link to its report; as `POST /report` of the server answers. Moments are ISO 8601. */
export interface Report {
  name: string;
  status: MailingStatus;
  startsAt: string;
  endsAt: string;
  launchedAt: string | null;
  finishedAt: string | null;
  total: number;
  open: number;
  sent: number;
  failed: number;
  expired: number;
  cancelled: number;
  unknown: number;
  ratePerSecond: number;
  eta: string | null;
  asOf: string;
  linkExpiresAt: string;
}

/** What came of a look: the report; the link is over; too many looks, to come again in so many s; or nobody answered. */
export type Look =
  | { kind: 'report'; report: Report }
  | { kind: 'over' }
  | { kind: 'wait'; seconds: number }
  | { kind: 'away' };

/** Asks for the report that a secret opens. Never rejects but when `signal` is aborted. */
export async function askReport(secret: string, signal: AbortSignal): Promise<Look> {
  try {
    const response = await fetch('/report', {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      // Whoever is signed in here besides does not show it.
      credentials: 'omit',
      body: JSON.stringify({ secret }),
      signal,
    });
    return await readLook(response);
  } catch (error) {
    if (signal.aborted) throw error;
    return { kind: 'away' };
  }
}

/** A link that is cut short when it is copied is refused as none. */
export async function readLook(response: Pick<Response, 'status' | 'headers' | 'json'>): Promise<Look> {
  const { status, headers } = response;
  if (status === 200) return { kind: 'report', report: (await response.json()) as Report };
  if (status === 429) return { kind: 'wait', seconds: Number(headers.get('retry-after')) || 10 };
  return status === 404 || status === 400 ? { kind: 'over' } : { kind: 'away' };
}

/** How soon the report of a mailing that moves is asked for again, and of one that stands, ms. */
const MOVING = 3_000;
const STANDING = 30_000;
/** How soon a server that did not answer is asked again, ms. */
const AWAY = 5_000;

/** How long to wait before the next look, ms; null: there is none. */
export function nextLook(look: Look): number | null {
  switch (look.kind) {
    case 'over':
      return null;
    case 'wait':
      return look.seconds * 1_000;
    case 'away':
      return AWAY;
    case 'report':
      return look.report.status === 'RUNNING' ? MOVING : STANDING;
  }
}
