/** An idempotency key that nobody else makes. `crypto.randomUUID` is only there where the page came over HTTPS or from this machine. */
export function freshKey(): string {
  return Array.from(crypto.getRandomValues(new Uint8Array(16)), (byte) => byte.toString(16).padStart(2, '0')).join('');
}
