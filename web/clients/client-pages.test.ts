import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { ClientPages, PAGE, type PageAsk } from './client-pages.js';

interface Row {
  id: string;
  name?: string;
}

const asked: PageAsk[] = [];
const errors: unknown[] = [];
let size = 1_000_000;

/** A list of `size` rows whose cursors are their numbers. */
async function load({ after, skip }: PageAsk, signal: AbortSignal) {
  asked.push({ after, skip });
  await Promise.resolve();
  signal.throwIfAborted();
  const from = (after === null ? 0 : Number(after) + 1) + skip;
  const rows = Array.from(
    { length: Math.min(PAGE, Math.max(size - from, 0)) },
    (_, at): Row => ({ id: `${from + at}` }),
  );
  return { rows, endCursor: rows.at(-1)?.id ?? null };
}

const open = () => new ClientPages<Row>({ load, onChange: () => {}, onError: (error) => errors.push(error) });
const rest = () => vi.advanceTimersByTimeAsync(1_000);

beforeEach(() => void vi.useFakeTimers());
afterEach(() => {
  vi.useRealTimers();
  asked.length = 0;
  errors.length = 0;
  size = 1_000_000;
});

describe('the rows of a long list', () => {
  it('are asked for page by page, each by the cursor of the one before', async () => {
    const pages = open();
    pages.show(0, 20);
    await rest();
    pages.show(90, 130);
    await rest();
    expect(asked).toEqual([
      { after: null, skip: 0 },
      { after: '99', skip: 0 },
    ]);
    expect([pages.row(0)?.id, pages.row(130)?.id, pages.row(200)]).toEqual(['0', '130', undefined]);
  });

  it('are jumped to from the nearest cursor behind which they are, once the bar rests', async () => {
    const pages = open();
    pages.show(0, 20);
    await rest();
    for (let at = 10_000; at <= 500_000; at += 10_000) pages.show(at, at + 20);
    await rest();
    expect(asked.slice(1)).toEqual([{ after: '99', skip: 499_900 }]);
    expect(pages.row(500_007)?.id).toBe('500007');
  });

  it('that a jump lands between come by one jump, and the rest by its cursor', async () => {
    const pages = open();
    pages.show(499_990, 500_020);
    await rest();
    expect(asked).toEqual([
      { after: null, skip: 499_900 },
      { after: '499999', skip: 0 },
    ]);
    expect([pages.row(499_990)?.id, pages.row(500_020)?.id]).toEqual(['499990', '500020']);
  });

  it('are not waited for once nobody looks at them', async () => {
    const pages = open();
    pages.show(0, 20);
    pages.show(900, 920);
    await rest();
    expect(pages.row(0)).toBeUndefined();
    expect(pages.row(900)?.id).toBe('900');
    expect(errors).toEqual([]);
  });

  it('leave the memory when they are long out of sight, and come back by their cursor', async () => {
    const pages = open();
    for (let at = 0; at < 100; at += 1) {
      pages.show(at * PAGE, at * PAGE + 20);
      await rest();
    }
    expect(Array.from({ length: 100 }, (_, at) => pages.row(at * PAGE)).filter(Boolean)).toHaveLength(20);
    pages.show(4_000, 4_020);
    await rest();
    expect(asked.at(-1)).toEqual({ after: '3999', skip: 0 });
  });

  it('stay in sight while they are asked for anew, and show a change at once', async () => {
    const pages = open();
    pages.show(0, 20);
    await rest();
    pages.replace({ id: '7', name: 'Anna' });
    expect(pages.row(7)?.name).toBe('Anna');
    pages.reload();
    expect(pages.row(7)?.name).toBe('Anna');
    await rest();
    expect(pages.row(7)?.name).toBeUndefined();
  });

  it('are counted from a page that is not full without a cursor, and tell what went wrong', async () => {
    size = 150;
    const pages = open();
    pages.show(0, 149);
    await rest();
    expect([pages.row(149)?.id, pages.row(150)]).toEqual(['149', undefined]);
    const broken = new ClientPages<Row>({
      load: () => Promise.reject(new Error('away')),
      onChange: () => {},
      onError: (error) => errors.push(error),
    });
    broken.show(0, 1);
    await rest();
    expect(errors).toHaveLength(1);
  });
});
