import { describe, expect, it } from 'vitest';
import { classifyAnswer, parseRetryAfter } from './classify-answer.js';

const OK = '{"code":0,"message":"OK"}';

describe('what an answer means', () => {
  it.each([
    [200, OK, 'accepted'],
    [201, OK, 'accepted'],
    [200, '{"code":1,"message":"busy"}', 'retry'],
    [200, '{"code":"0"}', 'unknown'],
    [200, '{"message":"OK"}', 'unknown'],
    [200, '[0]', 'unknown'],
    [200, 'null', 'unknown'],
    [200, '', 'unknown'],
    [200, '<html>fine</html>', 'unknown'],
    [204, '', 'unknown'],
    [301, '', 'retry'],
    [307, OK, 'retry'],
    [400, OK, 'rejected'],
    [401, '', 'retry'],
    [403, '', 'retry'],
    [404, '', 'retry'],
    [409, '', 'retry'],
    [422, '', 'retry'],
    [429, '', 'retry'],
    [500, OK, 'retry'],
    [501, '', 'retry'],
    [502, '', 'unknown'],
    [503, '', 'retry'],
    [504, '', 'unknown'],
    [599, '', 'retry'],
    [700, '', 'unknown'],
  ])('%i %j is %s', (status, body, kind) => {
    expect(classifyAnswer({ status, body })).toMatchObject({ kind, gatewayCode: status });
  });

  it('does not charge a message for a token that the gateway refuses', () => {
    for (const status of [401, 403]) expect(classifyAnswer({ status, body: '' })).toMatchObject({ charged: false });
    for (const status of [429, 500, 404]) expect(classifyAnswer({ status, body: '' })).toMatchObject({ charged: true });
  });

  it.each([
    ['7', undefined, 7_000],
    [' 0 ', undefined, 0],
    ['99999999999999999999', undefined, Number.MAX_SAFE_INTEGER],
    ['Sat, 21 Nov 2026 10:00:30 GMT', 'Sat, 21 Nov 2026 10:00:00 GMT', 30_000],
    ['Sat, 21 Nov 2026 09:00:00 GMT', 'Sat, 21 Nov 2026 10:00:00 GMT', 0],
    ['soon', undefined, undefined],
    ['-5', undefined, undefined],
    [undefined, undefined, undefined],
  ])('reads Retry-After %j beside Date %j as %s ms', (value, date, expected) => {
    expect(parseRetryAfter(value, date)).toBe(expected);
  });

  it('hands the gateway’s wish to wait on with a 503', () => {
    expect(classifyAnswer({ status: 503, body: '', retryAfter: '120' })).toMatchObject({ afterMs: 120_000 });
  });
});
