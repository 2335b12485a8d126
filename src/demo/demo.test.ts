import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, onTestFinished, test, vi } from 'vitest';
import { findPostmaster, isRunning } from '../embedded/postmaster.js';
import { builtFile } from '../testing/built.js';
import { startChild } from '../testing/child-program.js';

/** The program with nothing configured, but for a free port. */
async function startDemo(cwd: string, env: Record<string, string> = { DEMO_EXIT: 'true' }) {
  // A short time-out makes short leases: what a killed process had in hand is free again soon.
  const program = startChild(process.execPath, [await builtFile('src/main.ts')], {
    cwd,
    env: { PORT: '0', GATEWAY_TIMEOUT_MS: '1000', ...env },
  });
  onTestFinished(async () => {
    program.kill('SIGKILL');
    await program.ended;
  });
  return program;
}

function ledgerIds(dir: string): string[] {
  const lines = readFileSync(join(dir, '.data/simulator/ledger.jsonl'), 'utf8').trim().split('\n');
  // An answer that was given later has a line of its own, without the id.
  return lines.flatMap((line) => (JSON.parse(line) as { id?: number }).id ?? []).map(String);
}

// Thousands of messages by real processes, which the machine may have little time for.
describe('the demo', { timeout: 120_000 }, () => {
  /** Each test goes on with what the one before left. */
  const dir = mkdtempSync(join(tmpdir(), 'heliograph demo '));
  afterAll(async () => {
    const postmaster = findPostmaster(join(dir, '.data/postgres/cluster'));
    if (postmaster) process.kill(postmaster.pid, 'SIGQUIT');
    await vi.waitFor(() => expect(postmaster !== undefined && isRunning(postmaster.pid)).toBe(false), 15_000);
    rmSync(dir, { recursive: true, force: true });
  });

  test('loads the example clients, sends all of them a message through the simulator, and shows it', async () => {
    const program = await startDemo(dir);
    expect(await program.ended).toEqual({ code: 0, signal: null });
    expect(program.said).toContain('10,000 example clients loaded\n');
    expect(program.said).toMatch(/Demo 1 .*100 % {2}10,000 of 10,000 sent {2}completed in \d+\.\d s\n/);
    expect(new Set(ledgerIds(dir)).size).toBe(10_000);
  });

  test('makes another mailing at the next start, to the clients that are there, and keeps serving when it is done', async () => {
    const program = await startDemo(dir, {});
    const [, url] = await program.saying(/Dashboard +(http:\S+)\/\n/);
    await program.saying(/Demo 2 .*10,000 of 10,000 sent {2}completed/);
    expect(program.said).not.toContain('loaded');
    expect((await fetch(`${url}/healthz`)).status).toBe(200);
    program.kill('SIGTERM');
    expect(await program.ended).toEqual({ code: 0, signal: null });
    expect(new Set(ledgerIds(dir)).size).toBe(20_000);
  });

  test('stops in the middle of a mailing when asked to, and takes up one that was left unfinished, instead of making another', async () => {
    const stopped = await startDemo(dir, {});
    await stopped.saying(/Demo 3 /);
    stopped.kill('SIGTERM');
    expect(await stopped.ended).toEqual({ code: 0, signal: null });
    expect(stopped.said).not.toMatch(/Demo 3 .*completed/);

    const killed = await startDemo(dir);
    await killed.saying(/Demo 3 /);
    killed.kill('SIGKILL');
    await killed.ended;
    const next = await startDemo(dir);
    expect(await next.ended).toEqual({ code: 0, signal: null });
    expect(next.said).toMatch(/Demo 3 .*10,000 of 10,000 sent {2}completed/);
    expect(next.said).not.toContain('Demo 4');
    expect(new Set(ledgerIds(dir)).size).toBe(30_000);
  });
});
