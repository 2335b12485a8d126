import { type AnswerRule, type AnswerRuleName, answerRules } from './answer-rules.js';
import type { Outcome } from './channel.js';

/** What came back: everything of a gateway's answer that we look at. */
export interface Answer {
  status: number;
  body: string;
  retryAfter?: string | undefined;
  /** The answer's Date header: a Retry-After date is held against it, so that a wrong clock here does not matter. */
  date?: string | undefined;
}

/** Statuses with a row of their own; the others follow their class. */
const byStatus: Record<number, AnswerRuleName> = {
  400: 'badRequest',
  401: 'token',
  403: 'token',
  429: 'tooMany',
  502: 'badGateway',
  504: 'gatewayTimeout',
};
const byClass: Record<number, AnswerRuleName> = { 3: 'redirect', 4: 'refused', 5: 'serverError' };

/**
 * What a complete answer means. SENT is never guessed: only a 2xx with a JSON object whose `code` is the number 0 is a yes.
 */
export function classifyAnswer(answer: Answer): Outcome {
  const { status } = answer;
  const facts: OutcomeFacts = { status, afterMs: parseRetryAfter(answer.retryAfter, answer.date) };
  const statusClass = Math.floor(status / 100);
  if (statusClass === 2) return classifySuccess(answer.body, facts);
  return outcomeOf(byStatus[status] ?? byClass[statusClass] ?? 'strange', facts);
}

function classifySuccess(body: string, facts: OutcomeFacts): Outcome {
  let parsed: unknown;
  try {
    parsed = JSON.parse(body);
  } catch {
    return outcomeOf('unreadable', { ...facts, what: body.trim() === '' ? 'nothing' : 'something that is no JSON' });
  }
  const code = typeof parsed === 'object' && parsed !== null ? (parsed as { code?: unknown }).code : undefined;
  if (code === 0) return outcomeOf('accepted', facts);
  return typeof code === 'number' ? outcomeOf('otherCode', { ...facts, code }) : outcomeOf('noCode', facts);
}

/** What is known of an attempt beside the row it falls under. */
export interface OutcomeFacts {
  /** HTTP status; null: there was none. */
  status: number | null;
  /** Not before so many ms from now, where the gateway said so. */
  afterMs?: number | undefined;
  /** A number that stood for `code`. */
  code?: number;
  /** For reasons that say it: an error's name, what stood in an answer. Never text of the other side's. */
  what?: string;
}

/** Makes an outcome of a row of the policy. */
export function outcomeOf(name: AnswerRuleName, facts: OutcomeFacts): Outcome {
  const { outcome: kind, charged, fault, reason: pattern }: AnswerRule = answerRules[name];
  const { status: gatewayCode, afterMs } = facts;
  if (kind === 'accepted') return { kind, gatewayCode };
  const reason = pattern.replaceAll(/\{(\w+)\}/g, (_, key) => String(facts[key as keyof OutcomeFacts]));
  if (kind === 'rejected') return { kind, gatewayCode, reason };
  const outcome = { gatewayCode, reason, charged, fault, answer: name };
  if (kind === 'unknown') return { kind, ...outcome };
  return { kind, ...outcome, ...(afterMs !== undefined && { afterMs }) };
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
