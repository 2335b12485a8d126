import type { Outcome } from './channel.js';

/** What came back: everything of a gateway's answer that we look at. */
export interface Answer {
  status: number;
  body: string;
  retryAfter?: string | undefined;
  /** The answer's Date header: a Retry-After date is held against it, so that a wrong clock here does not matter. */
  date?: string | undefined;
}

type StatusRule = (answer: Answer) => Outcome;

const retry =
  (reason: string, charged = true): StatusRule =>
  ({ status, retryAfter, date }) => {
    const afterMs = parseRetryAfter(retryAfter, date);
    return { kind: 'retry', gatewayCode: status, reason, charged, ...(afterMs === undefined ? {} : { afterMs }) };
  };
const unknown =
  (reason: string): StatusRule =>
  ({ status }) => ({ kind: 'unknown', gatewayCode: status, reason });

/** The retry policy as data. A status that is not here follows its class (below). */
const byStatus: Record<number, StatusRule> = {
  400: ({ status }) => ({ kind: 'rejected', gatewayCode: status, reason: 'the gateway refused it (400)' }),
  401: retry('the gateway refuses our token (401)', false),
  403: retry('the gateway refuses our token (403)', false),
  429: retry('the gateway is asked too often (429)'),
  // A proxy answered for a gateway behind it, which may well have taken the message.
  502: unknown('a proxy lost the gateway (502)'),
  504: unknown('a proxy waited in vain for the gateway (504)'),
};

const byClass: Record<number, StatusRule> = {
  2: classifySuccess,
  3: (answer) => retry(`the gateway points elsewhere (${answer.status}); a redirect is never followed`)(answer),
  4: (answer) => retry(`the gateway answered ${answer.status}`)(answer),
  5: (answer) => retry(`the gateway answered ${answer.status}`)(answer),
};

/**
 * What a complete answer means. SENT is never guessed: only a 2xx with a JSON object whose `code` is the number 0 is a yes.
 */
export function classifyAnswer(answer: Answer): Outcome {
  const rule = byStatus[answer.status] ?? byClass[Math.floor(answer.status / 100)];
  return rule ? rule(answer) : unknown(`the gateway answered ${answer.status}`)(answer);
}

function classifySuccess(answer: Answer): Outcome {
  const gatewayCode = answer.status;
  let parsed: unknown;
  try {
    parsed = JSON.parse(answer.body);
  } catch {
    const what = answer.body.trim() === '' ? 'nothing' : 'something that is no JSON';
    return { kind: 'unknown', gatewayCode, reason: `the gateway said ${answer.status} and ${what}` };
  }
  const code = typeof parsed === 'object' && parsed !== null ? (parsed as { code?: unknown }).code : undefined;
  if (code === 0) return { kind: 'accepted', gatewayCode };
  if (typeof code === 'number') {
    return { kind: 'retry', gatewayCode, reason: `the gateway said ${answer.status} with code ${code}`, charged: true };
  }
  return { kind: 'unknown', gatewayCode, reason: `the gateway said ${answer.status} without a code` };
}

/**
 * RFC 9110 §10.2.3: seconds, or an HTTP date.
 *
 * @returns ms from now, at least 0; undefined when there is none or it makes no sense
 */
export function parseRetryAfter(value: string | undefined, answerDate?: string): number | undefined {
  if (value === undefined) return undefined;
  const text = value.trim();
  if (/^\d+$/.test(text)) return Math.min(Number(text) * 1000, Number.MAX_SAFE_INTEGER);
  // All three HTTP-date forms begin with the day's name; Date.parse would take a lone "-5" for a year.
  const then = /^[A-Z][a-z]{2,8},? /.test(text) ? Date.parse(text) : Number.NaN;
  if (Number.isNaN(then)) return undefined;
  const now = answerDate === undefined ? Number.NaN : Date.parse(answerDate);
  return Math.max(0, then - (Number.isNaN(now) ? Date.now() : now));
}
