import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { askGateway } from '../testing/ask-gateway.js';
import type { BehaviourInput } from './behaviour.js';
import { type LedgerEntry, mergeLedgerLines } from './ledger-entry.js';
import { createSimulator, type Simulator } from './simulator.js';
import { readLedger, totals } from './simulator-client.js';

const OK = '{"code":0,"message":"OK"}';

let dir: string;
let simulator: Simulator;

async function start(behaviour: BehaviourInput = {}, token?: string): Promise<string> {
  simulator = await createSimulator({ ledgerFile: join(dir, 'ledger.jsonl'), behaviour, token });
  return simulator.url;
}

async function ledger(): Promise<LedgerEntry[]> {
  return mergeLedgerLines((await readLedger(simulator.controlUrl)).lines);
}

/** The one request of an id, once its ledger entry is as expected. */
async function entryOf(id: number): Promise<LedgerEntry | undefined> {
  return (await ledger()).find((entry) => entry.id === id);
}

beforeEach(async () => {
  dir = await mkdtemp(join(tmpdir(), 'heliograph-simulator-'));
});
afterEach(async () => {
  await simulator.close();
  await rm(dir, { recursive: true, force: true });
});

describe('the outcomes of the simulator', () => {
  it.each([
    ['400', 400, 400],
    ['401', 401, 401],
    ['403', 403, 403],
    ['429', 429, 429],
    ['500', 500, 500],
    ['503', 503, 503],
    ['502', 502, null],
    ['504', 504, null],
    ['garbage', 200, null],
    ['empty', 200, null],
    ['text-code', 200, null],
    ['no-code', 200, null],
    ['wrong-code', 200, 1],
    ['redirect', 307, null],
  ] as const)('%s: a whole answer, and the message is not accepted', async (outcome, status, code) => {
    const url = await start({ outcomes: [{ outcome }] });
    expect(await askGateway(url, 7)).toMatchObject({ status });
    expect(await entryOf(7)).toMatchObject({ status, code, accepted: false, complete: true });
  });

  it.each(['502', '504', 'garbage', 'empty', 'text-code', 'no-code'] as const)(
    '%s may have accepted it all the same',
    async (outcome) => {
      const url = await start({ outcomes: [{ outcome, accepts: true }] });
      await askGateway(url, 7);
      expect(await entryOf(7)).toMatchObject({ accepted: true, complete: true });
      expect(await askGateway(url, 7)).toMatchObject({ status: 200, body: OK });
    },
  );

  it('hang: no answer as long as somebody waits', async () => {
    const url = await start({ outcomes: [{ outcome: 'hang' }] });
    const waiting = new AbortController();
    const asked = askGateway(url, 7, { signal: waiting.signal });
    await vi.waitFor(async () =>
      expect(await entryOf(7)).toMatchObject({ status: null, accepted: false, complete: false }),
    );
    waiting.abort(new Error('waited long enough'));
    await expect(asked).rejects.toThrow('waited long enough');
  });

  it('drop-before-reading: a reset, and nobody knows what was in it', async () => {
    const url = await start({ ids: { 7: ['drop-before-reading'] } });
    await expect(askGateway(url, 7)).rejects.toThrow();
    expect(await entryOf(7)).toMatchObject({ hash: null, phone: null, status: null, accepted: false, complete: false });
  });

  it('drop-after-accept, then ok: accepted once, repeated once, one payload', async () => {
    const url = await start({ ids: { 7: ['drop-after-accept', 'ok'] } });
    await expect(askGateway(url, 7)).rejects.toThrow();
    expect(await askGateway(url, 7)).toMatchObject({ status: 200, body: OK });
    const [first, second] = await ledger();
    expect(first).toMatchObject({ status: null, accepted: true, complete: false, repeat: false });
    expect(second).toMatchObject({ status: 200, accepted: true, complete: true, repeat: true, hash: first!.hash });
  });

  it('slow: accepted at once, complete only with the last byte', async () => {
    const url = await start({ ids: { 7: [{ outcome: 'slow', overMs: 500 }] } });
    const asked = askGateway(url, 7);
    await vi.waitFor(async () => expect(await entryOf(7)).toMatchObject({ accepted: true, complete: false }));
    expect(await asked).toMatchObject({ status: 200, body: OK });
    expect(await entryOf(7)).toMatchObject({ status: 200, code: 0, accepted: true, complete: true });
    expect((await totals(url)).answers).toEqual({ 200: 1 });
  });

  it('endless: goes on until the caller has had enough', async () => {
    const url = await start({ outcomes: [{ outcome: 'endless' }] });
    const answer = await fetch(`${url}/v1/send/7`, { method: 'POST', body: '{"id":7,"phone":79161234567,"text":"x"}' });
    let bytes = 0;
    for await (const chunk of answer.body!) {
      bytes += chunk.length;
      if (bytes > 100_000) break;
    }
    expect(await entryOf(7)).toMatchObject({ status: 200, accepted: false, complete: false });
  });

  it.each([
    [5, '5'],
    ['absurd', '99999999999999999999'],
    [{ text: 'soon' }, 'soon'],
    ['none', undefined],
  ] as const)('429 with Retry-After %j', async (retryAfter, header) => {
    const url = await start({ outcomes: [{ outcome: '429', retryAfter }] });
    expect((await askGateway(url, 7)).headers['retry-after']).toBe(header);
  });

  it('429 with Retry-After as a date', async () => {
    const url = await start({ outcomes: [{ outcome: '429', retryAfter: { dateIn: 60 } }] });
    const { headers } = await askGateway(url, 7);
    const ahead = Date.parse(String(headers['retry-after'])) - Date.parse(String(headers['date']));
    expect(ahead).toBeGreaterThanOrEqual(59_000);
    expect(ahead).toBeLessThanOrEqual(61_000);
  });

  it('redirects to its own address, so that whoever follows is seen', async () => {
    const url = await start({ outcomes: [{ outcome: 'redirect' }] });
    expect((await askGateway(url, 7)).headers['location']).toBe('/v1/send/7');
  });

  it('lets through no more than its rate, and answers the rest with 429', async () => {
    const url = await start({ maxRate: 5 });
    const answers = await Promise.all(Array.from({ length: 12 }, (_, n) => askGateway(url, n + 1)));
    const refused = answers.filter(({ status }) => status === 429);
    expect(refused.length).toBeGreaterThanOrEqual(2);
    expect(refused[0]!.headers['retry-after']).toBe('1');
    const times = (await ledger()).filter((entry) => entry.accepted).map((entry) => entry.at);
    for (let n = 5; n < times.length; n += 1) expect(times[n]! - times[n - 5]!).toBeGreaterThanOrEqual(1000);
  });

  it('answers no sooner than its latency, and has the arrival on record meanwhile', async () => {
    const url = await start({ latency: { minMs: 300, maxMs: 300 } });
    const asked = askGateway(url, 7);
    await vi.waitFor(async () => expect(await entryOf(7)).toMatchObject({ hash: expect.any(String), complete: false }));
    await asked;
    const { lines } = await readLedger(url);
    expect(lines).toHaveLength(2);
    // Timers may fire up to a millisecond early by the clock of the day.
    expect(lines[1]!.answeredAt! - lines[0]!.at!).toBeGreaterThanOrEqual(299);
    expect(await entryOf(7)).toMatchObject({ accepted: true, complete: true });
  });

  it('draws the same luck for the same seed, in whatever order ids come, and other luck for another', async () => {
    const ids = Array.from({ length: 200 }, (_, n) => n + 1);
    const run = async (seed: number, order: number[]) => {
      const url = await start({ seed, outcomes: [{ outcome: 'ok', weight: 3 }, { outcome: '503' }] });
      for (const id of order) await askGateway(url, id);
      const accepted = (await ledger()).filter((entry) => entry.accepted).map((entry) => entry.id);
      await simulator.close();
      await rm(join(dir, 'ledger.jsonl'));
      return accepted.sort((a, b) => a! - b!);
    };
    const first = await run(5, ids);
    expect(await run(5, ids.toReversed())).toEqual(first);
    expect(await run(6, ids)).not.toEqual(first);
    expect(first.length).toBeGreaterThan(120);
    expect(first.length).toBeLessThan(180);
    await start();
  });
});
