import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import type { MessageStatus } from '../generated/graphql.js';
import { DRAW_EVERY, Feed } from './feed.js';

let next = 0;
const event = (count: number, status: MessageStatus = 'SENT') => ({
  version: '1',
  snapshot: false,
  changes: Array.from({ length: count }, () => ({ messageId: String(++next), status, at: '2026-11-21T12:00:00Z' })),
});

describe('the feed of messages', () => {
  beforeEach(() => {
    next = 0;
    vi.useFakeTimers();
  });
  afterEach(() => {
    vi.useRealTimers();
  });
  const draw = () => vi.advanceTimersByTime(DRAW_EVERY);
  const ids = (feed: Feed) => feed.view.lines.map(({ messageId }) => Number(messageId));

  it('shows every change, the newest first, while they are few', () => {
    const feed = new Feed();
    feed.take(event(2));
    draw();
    feed.take(event(1));
    draw();
    expect(ids(feed)).toEqual([3, 2, 1]);
    expect(feed.view.oneOf).toBe(1);
  });

  it('shows a few of thousands, says of how many, and keeps a few dozen lines', () => {
    const feed = new Feed();
    for (let round = 0; round < 100; round += 1) {
      for (let part = 0; part < 5; part += 1) feed.take(event(1_000));
      draw();
    }
    expect(feed.view.lines).toHaveLength(30);
    expect(feed.view.oneOf).toBe(1_000);
    expect(ids(feed).slice(0, 2)).toEqual([500_000, 499_999]);
  });

  it('draws at most twice a second, however many events come', () => {
    const feed = new Feed();
    const drawn = vi.fn();
    feed.watch(drawn);
    for (let round = 0; round < 50; round += 1) {
      feed.take(event(400));
      vi.advanceTimersByTime(20);
    }
    expect(drawn).toHaveBeenCalledTimes(2);
  });

  it('stands still while it is held, and counts what comes meanwhile', () => {
    const feed = new Feed();
    feed.take(event(1));
    draw();
    feed.hold(true);
    feed.take(event(700));
    draw();
    feed.take(event(300));
    draw();
    expect(ids(feed)).toEqual([1]);
    expect(feed.view.meanwhile).toBe(1_000);
    feed.hold(false);
    expect(feed.view.meanwhile).toBe(0);
    feed.take(event(1));
    draw();
    expect(ids(feed)).toEqual([1_002, 1]);
  });

  it('shows one status alone, and counts that one alone', () => {
    const feed = new Feed();
    feed.choose('FAILED');
    feed.take({ ...event(0), changes: [...event(900).changes, ...event(50, 'FAILED').changes, ...event(900).changes] });
    draw();
    expect(ids(feed)).toEqual([950, 949, 948, 947, 946]);
    expect(feed.view.oneOf).toBe(10);
  });
});
