import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { expect, it, onTestFinished } from 'vitest';
import { createSimulator } from '../simulator/simulator.js';
import { createTestApi, type TestApi } from '../testing/api.js';
import { ApiCalls, campaign, inHours } from '../testing/api-calls.js';
import { insertClients, insertMailing } from '../testing/rows.js';
import { startWorker } from '../testing/start-worker.js';
import { verify } from './verify.js';

/** The worker's; the judge is as strict, whatever the API takes a time-out for. */
const TIMEOUT_MS = 500;
const CLIENTS = 1_000;

interface Row {
  status: string;
  sent: number;
  open: number;
  expired: number;
}

async function when(api: TestApi, id: string, holds: (row: Row) => boolean): Promise<Row> {
  for (;;) {
    const { rows } = await api.database.pool.query<Row>('select * from mailing where id = $1', [id]);
    if (holds(rows[0]!)) return rows[0]!;
    await sleep(20);
  }
}

/** Clients with a message that somebody has in hand just now, and some whose turn comes a little later. */
async function someClients(api: TestApi, mailingId: string): Promise<string[]> {
  const { rows } = await api.database.pool.query<{ id: string }>(
    `(select client_id as id from message where mailing_id = $1 and lease_until is not null limit 6)
     union (select client_id from message where mailing_id = $1 and fence = 0 order by id offset 60 limit 6)`,
    [mailingId],
  );
  return rows.map(({ id }) => id);
}

it('holds after opt-outs, deletions, a pause, a cancel and an end in mid-batch, by the history the API writes', async () => {
  const dir = await mkdtemp(join(tmpdir(), 'heliograph-steps-'));
  onTestFinished(() => rm(dir, { recursive: true }));
  const api = await createTestApi();
  onTestFinished(() => api.close());
  const calls = new ApiCalls(api);
  await insertClients(api.database.pool, CLIENTS);
  const ledgerFile = join(dir, 'ledger.jsonl');
  const simulator = await createSimulator({ ledgerFile, behaviour: { latency: { minMs: 20, maxMs: 200 } } });
  onTestFinished(() => simulator.close());
  const gateway = { databaseUrl: api.database.url, gatewayUrl: simulator.url, timeoutMs: TIMEOUT_MS };
  onTestFinished(await startWorker({ ...gateway, concurrency: 32 }));

  const { mailing } = await calls.createMailing(campaign({ startsAt: inHours(-1) }));
  const id = mailing!.id;
  await when(api, id, (row) => row.sent > 50);
  for (const [index, client] of (await someClients(api, id)).entries()) {
    await (index % 3 === 0 ? calls.deleteClient(client) : calls.updateClient(client, { optedOut: true }));
  }
  await calls.take('Pause', id);
  // Whoever goes on sending one time-out after the pause must have the time to be seen.
  await sleep(TIMEOUT_MS * 2);
  await calls.take('Resume', id);
  const { sent } = await when(api, id, () => true);
  await when(api, id, (row) => row.sent > sent + 300);
  await calls.take('Cancel', id);
  await when(api, id, (row) => row.open === 0);
  const ending = await insertMailing(api.database.pool, { endsIn: '3 seconds' });
  expect((await when(api, ending, (row) => row.status === 'COMPLETED')).expired).toBeGreaterThan(0);

  const findings = await verify(api.database.pool, ledgerFile, { timeoutMs: TIMEOUT_MS });
  expect(findings.filter((finding) => finding.broken > 0)).toEqual([]);
  const counted = (subject: string) => findings.find((finding) => finding.subject === subject)?.counted;
  expect(counted('requests of mailings that were paused or cancelled')).toBeGreaterThan(100);
  expect(counted('requests to clients that opted out or were deleted')).toBeGreaterThan(0);
  expect(counted('FAILED, EXPIRED and CANCELLED messages')).toBeGreaterThan(100);
}, 60_000);
