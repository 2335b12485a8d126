/** A Russian telephone number in any usual spelling. Ids are digits too: what stands in a field named `…_id` is one. */
const PHONE = /(?<!_id":"?\d*|[\d.-])(?:\+?7|8)[ (-]{0,2}\d{3}[ )-]{0,2}\d{3}[ -]?\d{2}[ -]?\d{2}(?!\d)/g;
/** What stands for one. A number like it, because a number may stand there without quotes and the line must stay JSON. */
const NO_PHONE = '70000000000';
const CREDENTIALS: readonly [RegExp, string][] = [
  [/\b(Bearer|Basic)\s+[\w.~+/=-]+/gi, '$1 [redacted]'],
  // A JSON Web Token starts with the base64 of `{"`.
  [/\beyJ[\w-]+\.[\w-]+(\.[\w-]*)?/g, '[redacted]'],
  // A personal API token of ours (access/api-tokens.ts).
  [/\bhg_[\w-]{43}/g, '[redacted]'],
  // What a webhook's requests are signed with (webhook/sign.ts).
  [/\bwhsec_[\w+/=]+/g, '[redacted]'],
  [/(:\/\/[^\s/:@"]+):[^\s@"]+@/g, '$1:[redacted]@'],
];
/** Fields whose value is never of use in a log, whatever it looks like. */
export const PRIVATE_FIELDS = ['phone', 'token', 'password', 'authorization', 'cookie', 'text'];

/** Takes phones, tokens and these secrets out of a finished line. It stays JSON if it was. */
export function hide(line: string, secrets: readonly string[]): string {
  let hidden = line.replace(PHONE, NO_PHONE);
  for (const [pattern, replacement] of CREDENTIALS) hidden = hidden.replace(pattern, replacement);
  for (const secret of secrets) hidden = hidden.replaceAll(secret, '[redacted]');
  return hidden;
}
