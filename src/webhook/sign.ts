import { createHmac, randomBytes } from 'node:crypto';

/** How a secret begins, by the specification. */
const MARK = 'whsec_';

/** 256 random bits: `whsec_` and base64 (Standard Webhooks 1.0, "Signature scheme"). */
export function newSigningSecret(): string {
  return MARK + randomBytes(32).toString('base64');
}

/** What is signed. */
export interface Signed {
  /** The same at each try. */
  id: string;
  /** Of this try, s since the epoch. */
  timestamp: number;
  body: string;
}

/**
 * The headers by which a receiver knows that we sent it, and when: HMAC-SHA256 over id, moment and body (Standard Webhooks 1.0).
 *
 * @param secret as newSigningSecret makes it
 */
export function signatureHeaders(secret: string, { id, timestamp, body }: Signed): Record<string, string> {
  const key = Buffer.from(secret.slice(MARK.length), 'base64');
  const signature = createHmac('sha256', key).update(`${id}.${timestamp}.${body}`).digest('base64');
  return { 'webhook-id': id, 'webhook-timestamp': String(timestamp), 'webhook-signature': `v1,${signature}` };
}
