import type { MessageFilterInput, MessageStatus } from '../generated/graphql.js';

/** Every status of a message, in the order of its way. */
export const MESSAGE_STATUSES = [
  'ENQUEUED',
  'DELAYED',
  'SENDING',
  'SENT',
  'FAILED',
  'UNKNOWN',
  'EXPIRED',
  'CANCELLED',
] as const satisfies readonly MessageStatus[];

/** Which messages the table shows; it stands in the page's address. */
export interface MessageSearch {
  statuses: readonly MessageStatus[];
  /** HTTP statuses of the gateway's last answer. */
  codes: readonly number[];
  /** As it was typed. */
  phone: string;
  reason: string;
}

/** What can't be read is left out. */
export function readSearch(params: URLSearchParams): MessageSearch {
  const statuses = listOf(params, 'status');
  return {
    statuses: MESSAGE_STATUSES.filter((status) => statuses.includes(status)),
    codes: listOf(params, 'code').filter(isCode).map(Number),
    phone: params.get('phone') ?? '',
    reason: params.get('reason') ?? '',
  };
}

/** The address with another search; what else stands in it stays. */
export function writeSearch(
  params: URLSearchParams,
  { statuses, codes, phone, reason }: MessageSearch,
): URLSearchParams {
  const next = new URLSearchParams(params);
  const values = { status: statuses.join(','), code: codes.join(','), phone, reason };
  for (const [name, value] of Object.entries(values)) {
    if (value === '') next.delete(name);
    else next.set(name, value);
  }
  return next;
}

/** As the API takes it; null: all messages. A phone that is none yet is not asked for. */
export function filterOf({ statuses, codes, phone, reason }: MessageSearch): MessageFilterInput | null {
  const digits = phoneOf(phone);
  const filter: MessageFilterInput = {
    ...(statuses.length > 0 && { statuses: [...statuses] }),
    ...(codes.length > 0 && { gatewayCodes: [...codes] }),
    ...(digits !== null && { phone: digits }),
    ...(reason.trim() !== '' && { reasonContains: reason.trim() }),
  };
  return Object.keys(filter).length > 0 ? filter : null;
}

/** `8 (916) 123-45-67` → `79161234567`; null: no phone. */
export function phoneOf(text: string): string | null {
  const digits = text.replace(/\D/g, '');
  if (/^[78]\d{10}$/.test(digits)) return `7${digits.slice(1)}`;
  return /^9\d{9}$/.test(digits) ? `7${digits}` : null;
}

/** `503, 429` → the codes in it. */
export function codesOf(text: string): number[] {
  return [...new Set(text.split(/[^\d]+/).filter(isCode))].map(Number);
}

function isCode(text: string): boolean {
  return /^[1-5]\d\d$/.test(text);
}

function listOf(params: URLSearchParams, name: string): string[] {
  return (params.get(name) ?? '').split(',');
}
