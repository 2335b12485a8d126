import { appendFile, mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterEach, beforeEach, describe, expect, it, onTestFinished, vi } from 'vitest';
import { isRunning } from '../embedded/postmaster.js';
import { askGateway } from '../testing/ask-gateway.js';
import { builtFile } from '../testing/built.js';
import { startChild } from '../testing/child-program.js';
import { mergeLedgerLines } from './ledger-entry.js';
import { readLedger, totals } from './simulator-client.js';
import { type SpawnedSimulator, type SpawnOptions, spawnSimulator } from './spawn-simulator.js';

let dir: string;
beforeEach(async () => {
  dir = await mkdtemp(join(tmpdir(), 'heliograph-simulator-'));
});
afterEach(() => rm(dir, { recursive: true, force: true }));

async function spawned(options: Partial<SpawnOptions> = {}): Promise<SpawnedSimulator> {
  const simulator = await spawnSimulator({ dir, ...options });
  onTestFinished(() => simulator.kill('SIGKILL'));
  return simulator;
}

describe('a simulator in a process of its own', () => {
  it('says where it is, keeps its ledger in its folder, and ends when asked', async () => {
    const simulator = await spawned({ token: 'aaa.bbb.ccc' });
    expect((await askGateway(simulator.url, 7, { token: 'aaa.bbb.ccc' })).status).toBe(200);
    expect(JSON.parse(await readFile(join(dir, 'simulator.json'), 'utf8'))).toEqual({
      url: simulator.url,
      controlUrl: simulator.controlUrl,
      pid: simulator.pid,
    });
    expect(await readFile(simulator.ledgerFile, 'utf8')).toMatch(/^\{"seq":1,"id":7,.*\}\n$/);
    await simulator.close();
    expect(isRunning(simulator.pid)).toBe(false);
  });

  it('that stood still notes since when, with what it took in late', async () => {
    const simulator = await spawned();
    await askGateway(simulator.url, 1);
    const stopped = 250;
    simulator.kill('SIGSTOP');
    const late = askGateway(simulator.url, 2);
    // Nothing tells how long it has been stopped but the time.
    await sleep(stopped);
    simulator.kill('SIGCONT');
    await late;
    const { lines } = await readLedger(simulator.controlUrl);
    const { at, heldSince } = lines.find(({ id }) => id === 2)!;
    expect(at! - heldSince!).toBeGreaterThan(stopped / 2);
    expect(mergeLedgerLines(lines)[1]).not.toHaveProperty('heldSince');
  });

  it('killed under load, has every answer it gave in its ledger, and knows the ids when it is back', async () => {
    const first = await spawned();
    const answered: number[] = [];
    let next = 0;
    const callers = Array.from({ length: 16 }, async () => {
      for (;;) {
        next += 1;
        const id = next;
        const answer = await askGateway(first.url, id).catch(() => undefined);
        if (!answer) return;
        answered.push(id);
        if (answered.length === 500) first.kill('SIGKILL');
      }
    });
    await Promise.all(callers);
    await first.ended;
    const second = await spawned();
    const entries = mergeLedgerLines((await readLedger(second.url)).lines);
    const accepted = new Set(entries.filter((entry) => entry.accepted).map((entry) => entry.id));
    expect(answered.filter((id) => !accepted.has(id))).toEqual([]);
    expect(answered.length).toBeGreaterThanOrEqual(500);
    const before = await totals(second.url);
    expect(before).toMatchObject({ requests: entries.length, accepted: accepted.size });
    await askGateway(second.url, answered[0]!);
    expect(await totals(second.url)).toMatchObject({ requests: entries.length + 1, repeats: before.repeats + 1 });
    const { lines } = await readLedger(second.url, before.bytes);
    expect(lines).toEqual([expect.objectContaining({ seq: entries.length + 1, repeat: true })]);
  });

  it('cuts off a last line that a crash tore, and goes on after the one before', async () => {
    const first = await spawned();
    await askGateway(first.url, 7);
    await first.close();
    await appendFile(first.ledgerFile, '{"seq":2,"id":8,"pho');
    const second = await spawned();
    await askGateway(second.url, 9);
    expect((await readLedger(second.url)).lines.map(({ seq, id }) => [seq, id])).toEqual([
      [1, 7],
      [2, 9],
    ]);
  });

  it('does not start on a ledger that is none, on a taken port or with a wrong behaviour, and says why', async () => {
    const simulator = await spawned();
    const port = Number(new URL(simulator.url).port);
    await expect(spawned({ dir: join(dir, 'b'), port })).rejects.toThrow(/EADDRINUSE/);
    const wrong = { latency: { minMs: -1, maxMs: 0 } };
    await expect(spawned({ dir: join(dir, 'b'), behaviour: wrong })).rejects.toThrow(/latency/);
    await simulator.close();
    await appendFile(simulator.ledgerFile, 'this is no ledger\n');
    await expect(spawned()).rejects.toThrow(/ledger/);
  });

  it('compiled, ends when the process that started it is killed', async () => {
    const module = await builtFile('src/simulator/spawn-simulator.ts');
    const program = `const { spawnSimulator } = await import(${JSON.stringify(module)});
      const simulator = await spawnSimulator({ dir: ${JSON.stringify(dir)} });
      console.log('pid', simulator.pid, simulator.url);
      setInterval(() => {}, 60_000);`;
    const parent = startChild(process.execPath, ['--input-type=module', '-e', program]);
    onTestFinished(() => parent.kill('SIGKILL'));
    const [, pid, url] = await parent.saying(/pid (\d+) (\S+)/);
    expect((await askGateway(url!, 7)).status).toBe(200);
    parent.kill('SIGKILL');
    await vi.waitFor(() => expect(isRunning(Number(pid))).toBe(false), 10_000);
  });
});
