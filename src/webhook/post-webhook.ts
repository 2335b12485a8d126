import { Agent as HttpAgent } from 'node:http';
import { Agent as HttpsAgent } from 'node:https';
import { isIP } from 'node:net';
import got, { type Request } from 'got';
import { guardedLookup, hostOf, isReachable, refusal } from './check-address.js';
import { type FindAddresses, findAddresses } from './find-addresses.js';

/** How long a try may take as a whole, from the name to the answer, ms. */
export const POST_TIMEOUT_MS = 10_000;
/** How much of an answer is kept, bytes. The rest is not read. */
const KEPT_BYTES = 1_024;

/** What came of a try. */
export interface Answer {
  /** The HTTP status; null: there was none. */
  status: number | null;
  /** How the body begins; null: there was no answer. */
  body: string | null;
  /** Why there was no answer; null: there was one. */
  reason: string | null;
}

/** How tries are made; what is left out is as in the settings' production. */
export interface PosterOptions {
  allowPrivate?: boolean;
  /** Which addresses a connection may be made to. */
  passes?: (address: string) => boolean;
  /** Finds the addresses of a name. */
  find?: FindAddresses;
  timeoutMs?: number;
}

/** Hands events over by HTTP. */
export class Poster {
  readonly #passes: (address: string) => boolean;
  readonly #client;

  constructor({ allowPrivate = false, passes, find = findAddresses, timeoutMs = POST_TIMEOUT_MS }: PosterOptions = {}) {
    this.#passes = passes ?? ((address) => isReachable(address, allowPrivate));
    this.#client = got.extend({
      method: 'POST',
      // We retry by the rows, and a redirect would lead around the check, or hand what is signed to somebody else.
      retry: { limit: 0 },
      followRedirect: false,
      throwHttpErrors: false,
      decompress: false,
      timeout: { request: timeoutMs },
      dnsLookup: guardedLookup(this.#passes, find),
      // Agents of our own: a connection that others opened, without a check, must not be taken for one of ours.
      agent: { http: new HttpAgent({ keepAlive: false }), https: new HttpsAgent({ keepAlive: false }) },
    });
  }

  /** One try. Never throws: what goes wrong is its answer. */
  async post(url: string, headers: Record<string, string>, body: string): Promise<Answer> {
    const answer: Answer = { status: null, body: null, reason: null };
    try {
      const host = hostOf(new URL(url));
      // An address in digits is never looked up.
      if (isIP(host) !== 0 && !this.#passes(host)) throw refusal(host);
      const request = this.#client.stream(url, {
        headers: { 'content-type': 'application/json', 'user-agent': 'Heliograph', ...headers },
        body,
      });
      request.once('response', ({ statusCode }) => {
        answer.status = statusCode;
      });
      answer.body = await firstOf(request);
    } catch (error) {
      // What was answered holds, also where the rest of it never came.
      if (answer.status === null) answer.reason = describe(error);
      else answer.body ??= '';
    }
    return answer;
  }
}

/** The beginning of a body; the connection is cut then. */
async function firstOf(request: Request): Promise<string> {
  const chunks: Buffer[] = [];
  let length = 0;
  for await (const chunk of request as AsyncIterable<Buffer>) {
    chunks.push(chunk);
    length += chunk.length;
    if (length >= KEPT_BYTES) break;
  }
  return Buffer.concat(chunks).subarray(0, KEPT_BYTES).toString('utf8').replaceAll('\0', '');
}

/** What libraries say only with their own names in it. */
const WORDS: Readonly<Record<string, string>> = {
  ENOTFOUND: 'there is no such name',
  ECONNREFUSED: 'nobody listens there',
  ECONNRESET: 'the connection was cut',
  ETIMEDOUT: 'no answer in time',
  ETIMEOUT: 'no name server answers for it',
};

/** In words that tell an operator what to mend, behind the code by which more is found. */
function describe(error: unknown): string {
  const { code = 'unknown error', message } = error as { code?: string; message: string };
  return `${code}: ${WORDS[code] ?? message}`.slice(0, 300);
}
