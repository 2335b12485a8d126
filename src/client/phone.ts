import { parsePhoneNumberFromString } from 'libphonenumber-js';

/**
 * A mobile phone whose digits stand in the usual order with nothing between them, as files have them.
 *
 * @returns as it is stored; null: look closer, with `normalizePhone`
 */
export function plainPhone(spelling: string): string | null {
  return /^(?:\+?7|8)9\d{9}$/.test(spelling) ? `7${spelling.slice(-10)}` : null;
}

/**
 * A phone as it is stored: eleven digits that begin with 7 (Russia and Kazakhstan share the code).
 *
 * @param spelling as people write it: `8 (916) 123-45-67`, `+7 916 1234567`, `9161234567`
 * @returns null when it is no such phone, or has an extension
 */
export function normalizePhone(spelling: string): string | null {
  return plainPhone(spelling) ?? parsePhone(spelling);
}

/** By the rules of the numbering plan, some 13 µs. */
export function parsePhone(spelling: string): string | null {
  // `8916123456` is a number without its last digit, or one without its first: nobody can tell, so nobody is called.
  if (/^\D*8(?:\D*\d){9}\D*$/.test(spelling) && !spelling.includes('+')) return null;
  const phone = parsePhoneNumberFromString(spelling, { defaultCountry: 'RU', extract: false });
  if (phone?.countryCallingCode !== '7' || phone.nationalNumber.length !== 10) return null;
  return phone.isValid() && phone.ext === undefined ? `7${phone.nationalNumber}` : null;
}

/** The three digits that tell the operator a phone was first given by. */
export function operatorCodeOf(phone: string): string {
  return phone.slice(1, 4);
}
