import { describe, expect, it } from 'vitest';
import { SharedReads } from './shared-reads.js';

/** Readings that end when they are told to, each by its number. */
function readings() {
  const begun: PromiseWithResolvers<number>[] = [];
  const read = () => {
    begun.push(Promise.withResolvers());
    return begun.at(-1)!.promise;
  };
  return { begun, read };
}

describe('a reading that is shared', () => {
  it('is one for all who ask while it is made and soon after, and of another thing another', async () => {
    const { begun, read } = readings();
    const shared = new SharedReads<number>(60_000);
    const asked = [shared.get('a', '7', read), shared.get('a', '7', read), shared.get('b', '7', read)];
    await expect.poll(() => begun.length).toBe(2);
    begun[0]!.resolve(1);
    begun[1]!.resolve(2);
    expect(await Promise.all(asked)).toEqual([1, 1, 2]);
    expect(await shared.get('a', '6', read)).toBe(1);
  });

  it('is never one that began before what somebody knows of: the next is again one for all of those', async () => {
    const { begun, read } = readings();
    const shared = new SharedReads<number>(20);
    const first = shared.get('a', '9', read);
    await expect.poll(() => begun.length).toBe(1);
    const later = ['10', '11', '10'].map((version) => shared.get('a', version, read));
    begun[0]!.resolve(1);
    expect(await first).toBe(1);
    await expect.poll(() => begun.length).toBe(2);
    begun[1]!.resolve(2);
    expect(await Promise.all(later)).toEqual([2, 2, 2]);
    expect(begun).toHaveLength(2);
  });

  it('is made anew after a while', async () => {
    const { begun, read } = readings();
    const shared = new SharedReads<number>(0);
    const first = shared.get('a', '1', read);
    await expect.poll(() => begun.length).toBe(1);
    begun[0]!.resolve(1);
    await first;
    await expect
      .poll(() => {
        void shared.get('a', '1', read);
        return begun.length;
      })
      .toBe(2);
    begun[1]!.resolve(2);
  });

  it('that failed is told to those who waited, and to nobody who comes later', async () => {
    const { begun, read } = readings();
    const shared = new SharedReads<number>(60_000);
    const failed = shared.get('a', '1', read);
    await expect.poll(() => begun.length).toBe(1);
    begun[0]!.reject(new Error('away'));
    await expect(failed).rejects.toThrow('away');
    const again = shared.get('a', '1', read);
    await expect.poll(() => begun.length).toBe(2);
    begun[1]!.resolve(2);
    expect(await again).toBe(2);
  });
});
