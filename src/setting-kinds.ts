import { isIP } from 'node:net';
import { z } from 'zod';

export function number(min: number, max: number) {
  const must = `must be a whole number from ${min} to ${max}`;
  return z.string().regex(/^\d+$/, must).transform(Number).pipe(z.int().min(min, must).max(max, must));
}

export function whole(fallback: number, min: number, max: number) {
  return number(min, max).default(fallback);
}

export function oneOf<const T extends readonly [string, ...string[]]>(values: T) {
  return z.enum(values, `must be one of ${values.join(', ')}`);
}

export function yesOrNo() {
  return z.stringbool({
    truthy: ['true', '1', 'yes', 'on'],
    falsy: ['false', '0', 'no', 'off'],
    error: 'must be true or false',
  });
}

export function address(kind: string, ...protocols: string[]) {
  const must = `must be ${kind} address: ${protocols.map((protocol) => `${protocol}//…`).join(' or ')}`;
  return z.string().refine((value) => URL.canParse(value) && protocols.includes(new URL(value).protocol), must);
}

/** A header can't carry anything else, and a stray line break from a file is easily overlooked. */
export const token = z.string().regex(/^[\x21-\x7e]+$/, 'must be printable ASCII without spaces');
export const webAddress = (kind: string) =>
  address(kind, 'http:', 'https:').overwrite((url) => url.replace(/\/+$/, ''));

/** Names that stand for private networks, as proxy-addr knows them. */
const NETWORK_NAMES = ['loopback', 'linklocal', 'uniquelocal'];

function isNetwork(text: string): boolean {
  const [ip = '', bits, ...more] = text.split('/');
  if (isIP(ip) === 0 || more.length > 0) return NETWORK_NAMES.includes(text);
  // Of /0, which would be everybody, proxy-addr makes an error of its own.
  return bits === undefined || (/^[1-9]\d{0,2}$/.test(bits) && Number(bits) <= (isIP(ip) === 4 ? 32 : 128));
}

/** Addresses of machines and networks, separated by commas. */
export const networks = z
  .string()
  .transform((text) => text.split(',').map((part) => part.trim()))
  .pipe(
    z
      .array(z.string())
      .refine(
        (parts) => parts.every(isNetwork),
        `must list addresses or networks, such as 10.0.0.0/8, or ${NETWORK_NAMES.join(', ')}`,
      ),
  );

/** E-mail addresses, separated by commas; each counts once. */
export const emails = z
  .string()
  .transform((text) => [...new Set(text.split(',').map((part) => part.trim()))])
  .pipe(z.array(z.email('must list e-mail addresses, separated by commas')));

/** An hour and minute of the day. */
export const clockTime = z.string().regex(/^([01]\d|2[0-3]):[0-5]\d$/, 'must be a time of day from 00:00 to 23:59');

/** An IANA time zone that this Node knows. An offset such as +03:00 is none: it knows no summer time. */
export const timeZone = z
  .string()
  .refine((zone) => /^[A-Za-z]/.test(zone) && isTimeZone(zone), 'must be a time zone, such as Europe/Moscow or UTC');

function isTimeZone(zone: string): boolean {
  try {
    new Intl.DateTimeFormat('en', { timeZone: zone });
    return true;
  } catch {
    return false;
  }
}

/** True of an address that never leaves this machine. */
export function isThisMachine(url: string): boolean {
  return ['127.0.0.1', 'localhost', '[::1]'].includes(new URL(url).hostname);
}
