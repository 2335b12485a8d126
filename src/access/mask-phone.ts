/** Eleven digits that begin with 7 or 8, in any usual spelling. */
const PHONE = /(?<!\d)(?:\+?7|8)[ (-]{0,2}\d{3}[ )-]{0,2}\d{3}[ -]?\d{2}[ -]?\d{2}(?!\d)/g;

/** Stands where the phone of somebody was erased (care/erase.ts). No operator's number begins so, and nobody needs it masked. */
export const ERASED_PHONE = '70000000000';

/** A phone as those see it who may not see it whole: `79*****4567`. */
export function maskPhone(phone: string): string {
  return phone === ERASED_PHONE ? phone : `${phone.slice(0, 2)}*****${phone.slice(-4)}`;
}

/** A field of type phone, or a list of them. */
export function maskPhones(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(maskPhones);
  return typeof value === 'string' ? maskPhone(value) : value;
}

/** A text with each phone in it masked, however it is spelled. */
export function maskPhonesIn(text: string): string {
  return text.replace(PHONE, (phone) => maskPhone(phone.replace(/\D/g, '').replace(/^8/, '7')));
}

/** Whether there is a phone in a text, whole or masked. */
export function hasPhone(text: string): boolean {
  return /\d{2}\*{5}\d{4}/.test(text) || maskPhonesIn(text) !== text;
}

/** Any value that becomes JSON, with each phone in its texts masked; names of fields stay. */
export function maskPhonesWithin(value: unknown): unknown {
  if (typeof value === 'string') return maskPhonesIn(value);
  if (typeof value === 'number') return Number.isSafeInteger(value) ? maskNumber(value) : value;
  if (Array.isArray(value)) return value.map(maskPhonesWithin);
  if (typeof value !== 'object' || value === null || Object.getPrototypeOf(value) === Date.prototype) return value;
  return Object.fromEntries(Object.entries(value).map(([name, part]) => [name, maskPhonesWithin(part)]));
}

/** An attribute may hold a phone as a number. */
function maskNumber(value: number): number | string {
  const digits = String(value);
  return /^[78]\d{10}$/.test(digits) ? maskPhonesIn(digits) : value;
}
