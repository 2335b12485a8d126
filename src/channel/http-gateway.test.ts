import { spawn } from 'node:child_process';
import { hash } from 'node:crypto';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it, onTestFinished, vi } from 'vitest';
import type { BehaviourInput } from '../simulator/behaviour.js';
import { createSimulator, type Simulator } from '../simulator/simulator.js';
import { readLedger, totals } from '../simulator/simulator-client.js';
import type { Outcome } from './channel.js';
import { HttpGateway } from './http-gateway.js';

const TIMEOUT = 400;
const TEXT = 'Привет "you" \u{1F680} שלום\n\u{1F469}\u200D\u{1F680}';

describe('the HTTP gateway', () => {
  let dir: string;
  let simulator: Simulator;
  let gateway: HttpGateway;
  let id = 10_000;
  beforeAll(async () => {
    dir = await mkdtemp(join(tmpdir(), 'heliograph-gateway-'));
    simulator = await createSimulator({ ledgerFile: join(dir, 'ledger.jsonl'), token: 'secret-token' });
    gateway = new HttpGateway({ url: `${simulator.url}/`, token: 'secret-token', timeoutMs: TIMEOUT, concurrency: 4 });
  });
  afterAll(async () => {
    await gateway.close();
    await simulator.close();
    await rm(dir, { recursive: true });
  });

  const send = (deadline = performance.now() + TIMEOUT, via = gateway) => {
    id += 1;
    return via.send({ mailingId: '1', messageId: String(id), phone: '79161234567', text: TEXT }, deadline);
  };

  it('CLASSIC row 10: posts id and phone as numbers, the text as it is, and the token, to /v1/send/{id}', async () => {
    expect(await send()).toEqual({ kind: 'accepted', gatewayCode: 200 });
    const { lines } = await readLedger(simulator.controlUrl);
    const body = JSON.stringify({ id, phone: 79161234567, text: TEXT });
    const digest = hash('sha256', body, 'base64url').slice(0, 22);
    expect(lines.at(-1)).toMatchObject({ id, phone: 79161234567, hash: digest, accepted: true });
  });

  it('takes ids up to 2^53 − 1', async () => {
    const delivery = { mailingId: '1', messageId: '9007199254740991', phone: '79161234567', text: 'x' };
    expect(await gateway.send(delivery, performance.now() + TIMEOUT)).toMatchObject({ kind: 'accepted' });
    const { lines } = await readLedger(simulator.controlUrl);
    expect(lines.at(-1)).toMatchObject({ id: Number.MAX_SAFE_INTEGER });
  });

  it('says that its token is refused without charging the message', async () => {
    const stranger = new HttpGateway({ url: simulator.url, token: 'wrong', timeoutMs: TIMEOUT, concurrency: 1 });
    expect(await send(undefined, stranger)).toMatchObject({ kind: 'retry', charged: false, gatewayCode: 401 });
    await stranger.close();
  });

  it('looks at deadlines only while there are attempts', async () => {
    vi.useFakeTimers({ toFake: ['setInterval', 'clearInterval'] });
    onTestFinished(() => void vi.useRealTimers());
    const own = new HttpGateway({ url: simulator.url, token: 'secret-token', timeoutMs: TIMEOUT, concurrency: 1 });
    for (const _again of [1, 2]) {
      expect(vi.getTimerCount()).toBe(0);
      const outcome = send(undefined, own);
      expect(vi.getTimerCount()).toBe(1);
      expect(await outcome).toMatchObject({ kind: 'accepted' });
      vi.advanceTimersByTime(TIMEOUT);
    }
    expect(vi.getTimerCount()).toBe(0);
    await own.close();
  });

  it.each<[BehaviourInput, Partial<Outcome>]>([
    [{ outcomes: [{ outcome: '400' }] }, { kind: 'rejected' }],
    [{ outcomes: [{ outcome: '429', retryAfter: 30 }] }, { kind: 'retry', afterMs: 30_000 }],
    [{ outcomes: [{ outcome: '500' }] }, { kind: 'retry', charged: true }],
    [{ outcomes: [{ outcome: '502' }] }, { kind: 'unknown' }],
    [{ outcomes: [{ outcome: '503' }] }, { kind: 'retry' }],
    [{ outcomes: [{ outcome: '504' }] }, { kind: 'unknown' }],
    [{ outcomes: [{ outcome: 'hang' }] }, { kind: 'unknown', reason: 'no answer in time' }],
    [{ outcomes: [{ outcome: 'slow', overMs: 5_000 }] }, { kind: 'unknown', reason: 'no answer in time' }],
    [{ outcomes: [{ outcome: 'drop-before-reading' }] }, { kind: 'unknown' }],
    [{ outcomes: [{ outcome: 'drop-after-accept' }] }, { kind: 'unknown' }],
    [{ outcomes: [{ outcome: 'garbage' }] }, { kind: 'unknown' }],
    [{ outcomes: [{ outcome: 'empty' }] }, { kind: 'unknown' }],
    [{ outcomes: [{ outcome: 'endless' }] }, { kind: 'unknown' }],
    [{ outcomes: [{ outcome: 'wrong-code' }] }, { kind: 'retry' }],
    [{ outcomes: [{ outcome: 'text-code' }] }, { kind: 'unknown' }],
    [{ outcomes: [{ outcome: 'no-code' }] }, { kind: 'unknown' }],
    [{ outcomes: [{ outcome: 'redirect' }] }, { kind: 'retry', gatewayCode: 307 }],
    [{ down: 'refuse' }, { kind: 'retry', charged: false, gatewayCode: null }],
    [{ down: 'close' }, {}],
  ])('when the gateway does %j the outcome is %j, after one request and in time', async (behaviour, expected) => {
    await simulator.behave(behaviour);
    const before = await totals(simulator.controlUrl);
    // By an alarm at the deadline and not by the clock: on a starved machine everything is late, but alarms go off in their order.
    let overdue = false;
    const alarm = setTimeout(() => {
      overdue = true;
    }, TIMEOUT);
    const outcome = await send(performance.now() + TIMEOUT);
    clearTimeout(alarm);
    expect(overdue).toBe(false);
    expect(outcome).toMatchObject(expected);
    expect(outcome.kind).not.toBe('accepted');
    expect((await totals(simulator.controlUrl)).requests - before.requests).toBeLessThanOrEqual(1);
    await simulator.behave({});
    expect(await send()).toMatchObject({ kind: 'accepted' });
  });

  it('writes nothing of a message whose time is up, and says so', async () => {
    // On a connection that is there already nothing but the clock is in the way.
    await send();
    const before = await totals(simulator.controlUrl);
    expect(await send(performance.now() - 1)).toEqual({ kind: 'unstarted' });
    expect((await totals(simulator.controlUrl)).requests).toBe(before.requests);
  });

  it('says that nobody answers the door, in time for the message to be handed back, when connections are not even refused', async () => {
    // A stopped process accepts nothing; once its queue is full, the kernel drops whoever knocks.
    const script = `require('node:net').createServer().listen({ port: 0, host: '127.0.0.1', backlog: 1 }, function () { process.send(this.address().port) })`;
    const stopped = spawn(process.execPath, ['-e', script], { stdio: ['ignore', 'ignore', 'inherit', 'ipc'] });
    const [port] = await once(stopped, 'message');
    stopped.kill('SIGSTOP');
    const knocking = Array.from({ length: 4 }, () => connect(port, '127.0.0.1').on('error', () => {}));
    await Promise.all(knocking.slice(0, 2).map((socket) => once(socket, 'connect')));
    const blackHole = new HttpGateway({
      url: `http://127.0.0.1:${port}`,
      token: null,
      timeoutMs: 2_000,
      concurrency: 1,
    });
    const outcome = await send(performance.now() + 2_000, blackHole);
    expect(outcome).toMatchObject({ kind: 'retry', charged: false, reason: expect.stringContaining('no connection') });
    const hasty = new HttpGateway({ url: `http://127.0.0.1:${port}`, token: null, timeoutMs: 300, concurrency: 1 });
    expect(await send(performance.now() + 300, hasty)).toMatchObject({ kind: 'retry', charged: false });
    await hasty.close();
    for (const socket of knocking) socket.destroy();
    stopped.kill('SIGKILL');
    await blackHole.close();
  });

  it('keeps a slow answer from the others', async () => {
    await simulator.behave({ ids: { [id + 1]: ['hang'] } });
    const slow = send();
    const others = await Promise.all(Array.from({ length: 20 }, () => send()));
    expect(others.every((outcome) => outcome.kind === 'accepted')).toBe(true);
    expect(await slow).toMatchObject({ kind: 'unknown' });
  });
});
