import { afterEach, describe, expect, it, vi } from 'vitest';
import { askReport, nextLook, type Report, readLook } from './ask-report.js';

const report = (status: Report['status']) => ({ kind: 'report', report: { status } as Report }) as const;

describe('the report behind a link', () => {
  afterEach(() => vi.unstubAllGlobals());

  it('is asked for again soon while the mailing runs, seldom while it stands, and never once the link is over', () => {
    expect(nextLook(report('RUNNING'))).toBe(3_000);
    for (const status of ['SCHEDULED', 'PAUSED', 'COMPLETED'] as const) expect(nextLook(report(status))).toBe(30_000);
    expect(nextLook({ kind: 'away' })).toBe(5_000);
    expect(nextLook({ kind: 'wait', seconds: 40 })).toBe(40_000);
    expect(nextLook({ kind: 'over' })).toBeNull();
  });

  it.each([
    [404, 'over'],
    [400, 'over'],
    [429, 'wait'],
    [500, 'away'],
    [503, 'away'],
  ])('says of an answer %i: %s', async (status, kind) => {
    expect(await readLook(new Response('{}', { status }))).toMatchObject({ kind });
  });

  it('is waited for as long as the server says', async () => {
    const answer = new Response('{}', { status: 429, headers: { 'retry-after': '20' } });
    expect(await readLook(answer)).toEqual({ kind: 'wait', seconds: 20 });
  });

  it('counts as away where nobody answers, and is given up where nobody waits any more', async () => {
    vi.stubGlobal('fetch', async () => {
      throw new TypeError('no connection');
    });
    expect(await askReport('x', new AbortController().signal)).toEqual({ kind: 'away' });
    await expect(askReport('x', AbortSignal.abort())).rejects.toThrow('no connection');
  });

  it('is asked for with the secret in the body and without the cookie of whoever is signed in', async () => {
    const asked = vi.fn(async () => new Response(JSON.stringify({ name: 'Autumn' })));
    vi.stubGlobal('fetch', asked);
    expect(await askReport('s3cret', new AbortController().signal)).toEqual({
      kind: 'report',
      report: { name: 'Autumn' },
    });
    expect(asked).toHaveBeenCalledWith(
      '/report',
      expect.objectContaining({ credentials: 'omit', body: '{"secret":"s3cret"}' }),
    );
  });
});
