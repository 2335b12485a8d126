import type { Client, Sink } from 'graphql-ws';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { type MessageEvent, MessageStream } from './message-stream.js';

/** The socket's side: what was asked for, and a hand to answer with. */
function createSocket() {
  const asked: { variables: { after: string | null }; sink: Sink; closed: boolean }[] = [];
  const subscribe = ((payload: { variables: { after: string | null } }, sink: Sink) => {
    const one = { variables: payload.variables, sink, closed: false };
    asked.push(one);
    return () => {
      one.closed = true;
    };
  }) as unknown as Client['subscribe'];
  const tell = (event: Partial<MessageEvent>) =>
    asked.at(-1)!.sink.next({ data: { messageStatusChanged: { snapshot: false, changes: [], ...event } } } as never);
  return { asked, subscribe, tell };
}

const changes = (count: number) =>
  Array.from({ length: count }, (_, place) => ({
    messageId: String(place),
    status: 'SENT' as const,
    at: '2026-11-21T12:00:00Z',
  }));

describe('the stream of a mailing’s messages', () => {
  beforeEach(() => {
    vi.useFakeTimers();
  });
  afterEach(() => {
    vi.useRealTimers();
  });

  it('is one subscription for all who watch, and ends with the last of them', () => {
    const { asked, subscribe, tell } = createSocket();
    const stream = new MessageStream('7', subscribe);
    const seen: string[] = [];
    const ends = ['a', 'b'].map((name) => stream.watch(({ version }) => seen.push(name + version)));
    tell({ version: '1' });
    expect(seen).toEqual(['a1', 'b1']);
    ends[0]!();
    expect(asked.map(({ closed }) => closed)).toEqual([false]);
    ends[1]!();
    expect(asked.map(({ closed }) => closed)).toEqual([true]);
  });

  it('goes on from the last event seen when it is sent again after a cut', () => {
    const { asked, subscribe, tell } = createSocket();
    new MessageStream('7', subscribe).watch(() => {});
    expect(JSON.parse(JSON.stringify(asked[0]!.variables))).toEqual({ mailingId: '7', after: null });
    tell({ version: '41' });
    expect(JSON.parse(JSON.stringify(asked[0]!.variables))).toEqual({ mailingId: '7', after: '41' });
  });

  it('begins anew instead of catching up on more than it is worth', () => {
    const { asked, subscribe, tell } = createSocket();
    new MessageStream('7', subscribe).watch(() => {});
    for (let version = 1; version <= 10; version += 1) {
      vi.advanceTimersByTime(1_000);
      tell({ version: String(version), changes: changes(20_000) });
    }
    vi.advanceTimersByTime(2_000);
    expect(asked[0]!.variables.after).toBe('10');
    vi.advanceTimersByTime(10_000);
    expect(asked[0]!.variables.after).toBe(null);
  });

  it('asks again, from its place, when the server ended it; not when there is no such mailing', () => {
    const { asked, subscribe, tell } = createSocket();
    new MessageStream('7', subscribe).watch(() => {});
    tell({ version: '3' });
    asked[0]!.sink.complete();
    vi.advanceTimersByTime(2_000);
    expect(asked).toHaveLength(2);
    expect(asked[1]!.variables.after).toBe('3');
    asked[1]!.sink.error([{ message: 'gone', extensions: { code: 'NOT_FOUND' } }] as never);
    vi.advanceTimersByTime(60_000);
    expect(asked).toHaveLength(2);
  });
});
