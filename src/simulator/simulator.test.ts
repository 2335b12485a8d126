import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { request } from 'undici';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
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
    const answer = await request(`${url}/simulator/totals`, { headers: { host: 'evil.example' } });
    expect(answer.statusCode).toBe(403);
  });
});
