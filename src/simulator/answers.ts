import type { Outcome, OutcomeName, RetryAfter } from './behaviour.js';

/** How an answer is given. */
export type Manner = 'whole' | 'none' | 'drip' | 'endless' | 'reset' | 'close';

/** What one outcome does. */
export interface Answer {
  manner: Manner;
  /** HTTP status; null when there is no answer. */
  status: number | null;
  /** The `code` in the body when it is a number, for the ledger. */
  code: number | null;
  accepts: boolean;
  body: Buffer;
  headers: readonly string[];
  /** How long a drip takes, ms. */
  overMs: number;
}

/** How long a `slow` answer takes if nothing is said, ms. */
const SLOW_MS = 30_000;

const json = (value: unknown) => JSON.stringify(value);
const OK_BODY = json({ code: 0, message: 'OK' });
/** Not UTF-8 and not JSON, though it begins like the right answer. */
const GARBAGE = Buffer.concat([Buffer.from('{"code":0,"mess'), Buffer.from([0xff, 0xfe, 0x00, 0x80, 0xc3])]);

interface Rule {
  manner?: Manner;
  status: number | null;
  code?: number;
  accepts?: boolean;
  body?: string | Buffer;
  headers?: readonly string[];
}

const refusal = (status: number, message: string): Rule => ({
  status,
  code: status,
  body: json({ code: status, message }),
});

/** The table of what each outcome means. */
const rules: Record<OutcomeName, Rule> = {
  ok: { status: 200, code: 0, accepts: true, body: OK_BODY },
  '400': refusal(400, 'Bad Request'),
  '401': refusal(401, 'Unauthorized'),
  '403': refusal(403, 'Forbidden'),
  '429': refusal(429, 'Too Many Requests'),
  '500': refusal(500, 'Internal Server Error'),
  '502': { status: 502, body: '<html>Bad Gateway</html>', headers: ['content-type', 'text/html'] },
  '503': refusal(503, 'Service Unavailable'),
  '504': { status: 504, body: '<html>Gateway Timeout</html>', headers: ['content-type', 'text/html'] },
  hang: { manner: 'none', status: null },
  slow: { manner: 'drip', status: 200, code: 0, accepts: true, body: OK_BODY },
  'drop-before-reading': { manner: 'reset', status: null },
  'drop-after-accept': { manner: 'close', status: null, accepts: true },
  garbage: { status: 200, body: GARBAGE },
  empty: { status: 200, body: '' },
  endless: { manner: 'endless', status: 200, body: '{"code":0,"message":"' },
  'wrong-code': { status: 200, code: 1, body: json({ code: 1, message: 'Refused' }) },
  'text-code': { status: 200, body: json({ code: '0', message: 'OK' }) },
  'no-code': { status: 200, body: json({ message: 'OK' }) },
  redirect: { status: 307, body: '' },
};

/** Seconds that no clock can count to, as one broken service really sent them. */
const ABSURD = '99999999999999999999';

function retryAfterHeader(value: RetryAfter | undefined): readonly string[] {
  if (value === undefined || value === 'none') return [];
  if (value === 'absurd') return ['retry-after', ABSURD];
  if (typeof value === 'number') return ['retry-after', String(value)];
  if ('text' in value) return ['retry-after', value.text];
  return ['retry-after', new Date(Date.now() + value.dateIn * 1000).toUTCString()];
}

function make(
  rule: Rule,
  extra: { accepts?: boolean | undefined; overMs?: number | undefined; headers: readonly string[] },
): Answer {
  const manner = rule.manner ?? 'whole';
  const body = Buffer.from(rule.body ?? '');
  const length = manner === 'whole' ? ['content-length', String(body.length)] : [];
  return {
    manner,
    status: rule.status,
    code: rule.code ?? null,
    accepts: extra.accepts ?? rule.accepts ?? false,
    body,
    headers: [...(rule.headers ?? ['content-type', 'application/json']), ...length, ...extra.headers],
    overMs: extra.overMs ?? SLOW_MS,
  };
}

/** Outcomes without particulars are made once: nearly all answers are one of these. */
const plain = new Map(Object.entries(rules).map(([name, rule]) => [name, make(rule, { headers: [] })]));

/** @param path the request's own, for a redirect */
export function answerFor(outcome: Outcome, path: string): Answer {
  const { accepts, retryAfter, overMs } = outcome;
  if (outcome.outcome === 'redirect') {
    return make(rules.redirect, { headers: ['location', path, ...retryAfterHeader(retryAfter)] });
  }
  if (accepts === undefined && retryAfter === undefined && overMs === undefined) return plain.get(outcome.outcome)!;
  return make(rules[outcome.outcome], { accepts, overMs, headers: retryAfterHeader(retryAfter) });
}

/** The gateway's own refusal of a request that breaks the protocol. */
export function refuse(status: 400 | 401 | 413 | 429, message: string): Answer {
  const headers = status === 429 ? ['retry-after', '1'] : [];
  return make(refusal(status, message), { headers });
}
