import { SignedOut } from '../api/ask.js';
import { type Column, mapping } from './columns.js';
import type { Style } from './file-head.js';

/** What wins where a client with the phone is there already. */
export const CONFLICT_RULES = ['merge', 'overwrite', 'keep'] as const;
export type ConflictRule = (typeof CONFLICT_RULES)[number];

/** How a file is to be brought in. */
export interface Plan extends Style {
  columns: readonly Column[];
  onConflict: ConflictRule;
  /** Where clients live whose line does not say. */
  timeZone: string | null;
  /** Only count what would be done. */
  dryRun: boolean;
}

/** Where the file is sent. */
export function importAddress({ encoding, delimiter, columns, onConflict, timeZone, dryRun }: Plan): string {
  const parameters = new URLSearchParams({ onConflict, encoding, delimiter, dryRun: String(dryRun) });
  if (timeZone !== null) parameters.set('timeZone', timeZone);
  for (const pair of mapping(columns)) parameters.append('map', pair);
  return `/api/v1/clients/import?${parameters}`;
}

interface Options {
  /** Makes the same upload, sent again, one import. */
  key: string;
  /** How much is on its way, 0 to 1. */
  onProgress: (share: number) => void;
  signal: AbortSignal;
}

/**
 * Sends a file as it is, however large. XMLHttpRequest, because fetch tells nobody how much has been sent.
 *
 * @returns the id of the import, once the whole file has arrived and each of its lines was checked
 * @throws {Error} with a sentence that may be shown
 * @throws {SignedOut} when the session is over
 */
export function upload(file: Blob, plan: Plan, { key, onProgress, signal }: Options): Promise<string> {
  return new Promise((resolve, reject) => {
    const request = new XMLHttpRequest();
    request.open('POST', importAddress(plan));
    request.setRequestHeader('content-type', 'text/csv');
    request.setRequestHeader('idempotency-key', key);
    request.responseType = 'text';
    request.upload.onprogress = ({ loaded, total }) => onProgress(total === 0 ? 1 : loaded / total);
    request.onload = () => {
      if (request.status === 401) reject(new SignedOut());
      else if (request.status === 202) resolve(String(JSON.parse(request.responseText).id));
      else reject(new Error(sentenceOf(request.responseText, request.status)));
    };
    request.onerror = () => reject(new Error('The file did not arrive: the connection broke off.'));
    signal.addEventListener('abort', () => {
      request.abort();
      reject(signal.reason);
    });
    request.send(file);
  });
}

/** Of an answer as RFC 9457 has it. */
export function sentenceOf(body: string, status: number): string {
  try {
    const { errors, detail, title } = JSON.parse(body) as {
      errors?: { message?: string }[];
      detail?: string;
      title?: string;
    };
    const told = errors
      ?.map(({ message }) => message)
      .filter(Boolean)
      .join(' ');
    return told || detail || title || `The server answered with HTTP ${status}.`;
  } catch {
    return `The server answered with HTTP ${status}.`;
  }
}
