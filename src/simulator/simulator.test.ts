import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { askGateway } from '../testing/ask-gateway.js';
import type { BehaviourInput } from './behaviour.js';
import { type LedgerEntry, mergeLedgerLines } from './ledger-entry.js';
import { createSimulator, type Simulator } from './simulator.js';
import { behave, readLedger, totals } from './simulator-client.js';

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

describe('the gateway of the simulator', () => {
  it('accepts a message and notes who it was for, what it was, when it came and what was said', async () => {
    const url = await start();
    const before = Date.now();
    expect(await askGateway(url, 10_000)).toMatchObject({ status: 200, body: OK });
    const [entry] = await ledger();
    expect(entry).toEqual({
      seq: 1,
      id: 10_000,
      phone: 79161234567,
      hash: expect.stringMatching(/^[\w-]{22}$/),
      at: expect.any(Number),
      status: 200,
      code: 0,
      accepted: true,
      complete: true,
      repeat: false,
    });
    expect(entry!.at).toBeGreaterThanOrEqual(before);
    expect(entry!.at).toBeLessThanOrEqual(Date.now() + 1);
  });

  it('takes ids up to 2^53−1 to the last digit', async () => {
    const url = await start();
    expect(await askGateway(url, '9007199254740991')).toMatchObject({ status: 200 });
    expect((await ledger())[0]!.id).toBe(9007199254740991);
  });

  it.each([
    ['an id beyond 2^53', '9007199254740993', undefined, 'id'],
    ['an id that is no number', 'abc', '{"id":1,"phone":79161234567,"text":"x"}', 'id'],
    ['another id in the body', '7', '{"id":8,"phone":79161234567,"text":"x"}', 'id'],
    ['an id as text', '7', '{"id":"7","phone":79161234567,"text":"x"}', 'id'],
    ['a phone as text', '7', '{"id":7,"phone":"79161234567","text":"x"}', 'phone'],
    ['a short phone', '7', '{"id":7,"phone":7916123456,"text":"x"}', 'phone'],
    ['no text', '7', '{"id":7,"phone":79161234567}', 'text'],
    ['a body that is no JSON', '7', '{"id":7,', 'JSON'],
    ['a body that is no object', '7', 'null', 'JSON'],
  ])('refuses %s with 400, says which field, and notes it', async (_what, id, body, field) => {
    const url = await start();
    const answer = await askGateway(url, id, body === undefined ? {} : { body });
    expect(answer.status).toBe(400);
    expect(JSON.parse(answer.body)).toEqual({ code: 400, message: expect.stringContaining(field) });
    expect(await ledger()).toEqual([expect.objectContaining({ status: 400, accepted: false, complete: true })]);
  });

  it('refuses a body of more than a megabyte with 413', async () => {
    const url = await start();
    const body = `{"id":7,"phone":79161234567,"text":"${'x'.repeat(1_100_000)}"}`;
    expect((await askGateway(url, 7, { body })).status).toBe(413);
  });

  it('asks for its bearer token when it has one, and for none otherwise', async () => {
    const url = await start({}, 'aaa.bbb.ccc');
    expect((await askGateway(url, 7)).status).toBe(401);
    expect((await askGateway(url, 7, { token: 'aaa.bbb.ccd' })).status).toBe(401);
    expect((await askGateway(url, 7, { token: 'aaa.bbb.ccc' })).status).toBe(200);
    expect((await ledger()).map((entry) => entry.accepted)).toEqual([false, false, true]);
  });

  it('answers an id that it knows with OK and notes a repeat, whatever others get', async () => {
    const url = await start();
    await askGateway(url, 7);
    await behave(url, { outcomes: [{ outcome: '503' }] });
    expect(await askGateway(url, 7)).toMatchObject({ status: 200, body: OK });
    expect((await askGateway(url, 8)).status).toBe(503);
    expect(await totals(url)).toMatchObject({
      requests: 3,
      ids: 2,
      accepted: 1,
      repeats: 1,
      answers: { 200: 2, 503: 1 },
    });
    expect((await ledger()).map((entry) => entry.repeat)).toEqual([false, true, false]);
  });
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

describe('steering the simulator', () => {
  it('shows its behaviour and changes it while it runs', async () => {
    const url = await start();
    await behave(url, { outcomes: [{ outcome: '503' }] });
    expect((await askGateway(url, 7)).status).toBe(503);
    const shown = await fetch(`${url}/simulator/behaviour`).then((answer) => answer.json());
    expect(shown).toMatchObject({ outcomes: [{ outcome: '503', weight: 1 }], down: false, maxRate: null });
    await behave(url, {});
    expect((await askGateway(url, 7)).status).toBe(200);
  });

  it.each([
    [{ outcomes: [{ outcome: 'okay' }] }, 'outcomes.0.outcome'],
    [{ outcomes: [] }, 'outcomes'],
    [{ outcomes: [{ outcome: '400', accepts: true }] }, 'outcomes.0.accepts'],
    [{ latency: { minMs: 5, maxMs: 1 } }, 'latency'],
    [{ ids: { x: ['ok'] } }, 'ids.x'],
    [{ speed: 1 }, 'speed'],
  ])('refuses %j, names the field, and goes on as before', async (behaviour, field) => {
    const url = await start();
    await expect(behave(url, behaviour as BehaviourInput)).rejects.toThrow(field);
    expect((await askGateway(url, 7)).status).toBe(200);
  });

  it('down by refusing: nobody listens, but it can still be steered, and comes back on the same port', async () => {
    const url = await start();
    await askGateway(url, 7);
    await behave(simulator.controlUrl, { down: 'refuse' });
    await expect(askGateway(url, 8)).rejects.toThrow();
    await expect(fetch(`${url}/health`)).rejects.toMatchObject({ cause: { code: 'ECONNREFUSED' } });
    await behave(simulator.controlUrl, {});
    expect((await askGateway(url, 8)).status).toBe(200);
    expect(await entryOf(8)).toMatchObject({ seq: 2 });
  });

  it('down by closing: connections are made and closed, and nothing is on record', async () => {
    const url = await start({ down: 'close' });
    await expect(askGateway(url, 7)).rejects.toThrow();
    expect(await totals(url)).toMatchObject({ requests: 0 });
  });

  it('hands out the ledger piece by piece', async () => {
    const url = await start();
    await askGateway(url, 1);
    const first = await readLedger(url);
    await askGateway(url, 2);
    const second = await readLedger(url, first.next);
    expect([first.lines.length, second.lines.map((line) => line.id)]).toEqual([1, [2]]);
    expect((await readLedger(url, second.next)).lines).toEqual([]);
    await expect(readLedger(url, 1_000_000)).rejects.toThrow('400');
  });

  it('is not steered by a web page that was given its address under another name', async () => {
    const url = await start();
    const { request } = await import('undici');
    const answer = await request(`${url}/simulator/totals`, { headers: { host: 'evil.example' } });
    expect(answer.statusCode).toBe(403);
  });
});
