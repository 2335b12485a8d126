import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { type AnswerRule, type AnswerRuleName, answerRules } from './answer-rules.js';
import { classifyAnswer } from './classify-answer.js';

/** An answer for each row that an answer can come to; what has no status is tried in http-gateway.test.ts and worker tests. */
const answers: Partial<Record<AnswerRuleName, [status: number, body: string]>> = {
  accepted: [200, '{"code":0,"message":"OK"}'],
  otherCode: [200, '{"code":7}'],
  noCode: [200, '{"code":"0"}'],
  unreadable: [200, '<html>fine</html>'],
  redirect: [302, ''],
  badRequest: [400, ''],
  token: [403, ''],
  tooMany: [429, ''],
  refused: [404, ''],
  badGateway: [502, ''],
  gatewayTimeout: [504, ''],
  serverError: [500, ''],
  strange: [999, ''],
};
const WITHOUT_STATUS = ['endless', 'noConnection', 'broken', 'timeOut', 'leaseLost'];
const rules: [string, AnswerRule][] = Object.entries(answerRules);

describe('the retry policy', () => {
  it('has an example of every row', () => {
    expect([...Object.keys(answers), ...WITHOUT_STATUS].sort()).toEqual(Object.keys(answerRules).sort());
  });

  it.each(Object.entries(answers))('is followed in its row %s', (name, [status, body]) => {
    const { outcome, charged, fault } = answerRules[name as AnswerRuleName];
    const got = classifyAnswer({ status, body, retryAfter: '5' });
    expect(got).toMatchObject({ kind: outcome, gatewayCode: status });
    if (got.kind === 'retry' || got.kind === 'unknown') expect(got).toMatchObject({ charged, fault });
    if (got.kind === 'retry') expect(got.afterMs).toBe(5_000);
    if (got.kind === 'rejected' || got.kind === 'retry' || got.kind === 'unknown')
      expect(got.reason).toMatch(/^[^{}]+$/);
  });

  it('stands in docs/retry-policy.md, row by row and in this order', () => {
    const page = readFileSync(join(import.meta.dirname, '../../docs/retry-policy.md'), 'utf8');
    const shown = page.split('\n').filter((line) => line.startsWith('| ') && !/^\| (what|---)/.test(line));
    const words = { none: '–', soft: 'many in a row', definite: 'a few in a row' };
    const expected = rules.map(
      ([, rule]) =>
        `| ${rule.answer} | ${rule.outcome} | ${rule.charged ? 'yes' : 'no'} | ${words[rule.fault]} | ${rule.why} |`,
    );
    expect(shown).toEqual(expected);
  });
});
