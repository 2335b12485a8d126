import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it, onTestFinished } from 'vitest';
import { createSimulator } from '../simulator/simulator.js';
import { insertClients, insertMailing } from '../testing/rows.js';
import { startWorker } from '../testing/start-worker.js';
import { createTestDatabase } from '../testing/test-database.js';
import { verify } from './verify.js';

const TIMEOUT_MS = 500;
const CLIENTS = 2_000;

it('holds while a mailing runs into everything that a gateway may do, at each moment, and when it is over', async () => {
  const dir = await mkdtemp(join(tmpdir(), 'heliograph-live-'));
  onTestFinished(() => rm(dir, { recursive: true }));
  const database = await createTestDatabase();
  onTestFinished(() => database.drop());
  await insertClients(database.pool, CLIENTS, { attributes: { name: 'Anna' } });
  const ledgerFile = join(dir, 'ledger.jsonl');
  const simulator = await createSimulator({
    ledgerFile,
    behaviour: {
      latency: { medianMs: 15, p99Ms: 120 },
      outcomes: [
        { outcome: 'ok', weight: 70 },
        { outcome: '400', weight: 2 },
        { outcome: '429', weight: 3, retryAfter: 1 },
        { outcome: '500', weight: 3 },
        { outcome: '502', weight: 1 },
        { outcome: '502', weight: 1, accepts: true },
        { outcome: '504', weight: 1, accepts: true },
        { outcome: 'hang', weight: 0.5 },
        { outcome: 'hang', weight: 0.5, accepts: true },
        { outcome: 'slow', weight: 0.5 },
        { outcome: 'drop-before-reading', weight: 2 },
        { outcome: 'drop-after-accept', weight: 2 },
        { outcome: 'garbage', weight: 1, accepts: true },
        { outcome: 'empty', weight: 1 },
        { outcome: 'endless', weight: 0.5 },
        { outcome: 'wrong-code', weight: 1 },
        { outcome: 'text-code', weight: 1, accepts: true },
        { outcome: 'no-code', weight: 1 },
        { outcome: 'redirect', weight: 1 },
      ],
    },
  });
  onTestFinished(() => simulator.close());
  const id = await insertMailing(database.pool, { text: 'Hello, {{ name }}!' });
  for (const concurrency of [16, 32]) {
    const stop = await startWorker({
      databaseUrl: database.url,
      gatewayUrl: simulator.url,
      timeoutMs: TIMEOUT_MS,
      concurrency,
    });
    onTestFinished(stop);
  }
  for (let looks = 0; ; looks += 1) {
    const { rows } = await database.pool.query('select status, open, total from mailing where id = $1', [id]);
    const { status, open, total } = rows[0] as { status: string; open: number; total: number };
    const findings = await verify(database.pool, ledgerFile, { timeoutMs: TIMEOUT_MS });
    expect(findings.filter((finding) => finding.broken > 0)).toEqual([]);
    // What is tried for the third time may be told to wait for long: enough has been seen of it.
    if (total > 0 && open < CLIENTS / 20) await simulator.behave({});
    if (status === 'COMPLETED') {
      expect(looks).toBeGreaterThan(3);
      const repeated = findings.find((finding) => finding.subject.startsWith('messages requested again'));
      expect(repeated?.counted).toBeGreaterThan(50);
      break;
    }
  }
}, 120_000);
