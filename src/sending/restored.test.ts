import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type pg from 'pg';
import { beforeEach, describe, expect, it, onTestFinished } from 'vitest';
import { mergeLedgerLines } from '../simulator/ledger-entry.js';
import { createSimulator, type Simulator } from '../simulator/simulator.js';
import { readLedger } from '../simulator/simulator-client.js';
import { createTestApi } from '../testing/api.js';
import { copyDatabase } from '../testing/copy-database.js';
import { insertClients, insertMailing } from '../testing/rows.js';
import { startWorker } from '../testing/start-worker.js';
import { createTestDatabase } from '../testing/test-database.js';
import { verify } from '../verify/verify.js';
import { goOnAfterRestore, noticeRestore } from './restored.js';
import { resumeSending } from './sending-switch.js';

const BY = { name: 'test' };
const CLIENTS = 150;
const TIMEOUT_MS = 1_000;
const PATIENCE = { timeout: 30_000, interval: 10 };
const LOG = { warn: () => {} };

let simulator: Simulator;
let ledgerFile: string;
beforeEach(async () => {
  const dir = await mkdtemp(join(tmpdir(), 'heliograph-restored-'));
  ledgerFile = join(dir, 'ledger.jsonl');
  simulator = await createSimulator({ ledgerFile, behaviour: { latency: { minMs: 3, maxMs: 6 } } });
  return async () => {
    await simulator.close();
    await rm(dir, { recursive: true });
  };
});

const work = (databaseUrl: string) =>
  startWorker({ databaseUrl, gatewayUrl: simulator.url, timeoutMs: TIMEOUT_MS, concurrency: 4 });
const requests = async () => mergeLedgerLines((await readLedger(simulator.url)).lines).filter(({ id }) => id !== null);
const mailingRow = async (pool: pg.Pool, id: string) =>
  (await pool.query('select status, total, open, sent, unknown from mailing where id = $1', [id])).rows[0];

/**
 * A database in which a mailing is half sent, and a copy of it as it was then. In the original the mailing goes on to its end, and
 * another begins and ends, before it is lost.
 */
async function lost() {
  const original = await createTestDatabase();
  await insertClients(original.pool, CLIENTS);
  const half = await insertMailing(original.pool);
  const soon = await insertMailing(original.pool, { startsIn: '1 hour', endsIn: '2 hours' });
  const later = await insertMailing(original.pool, { startsIn: '1 hour', endsIn: '2 hours' });
  let stopWorker = await work(original.url);
  await expect.poll(async () => (await mailingRow(original.pool, half)).sent, PATIENCE).toBeGreaterThan(10);
  await stopWorker();
  // Its start comes while the database is being lost, in the copy as well.
  await original.pool.query(`update mailing set starts_at = clock_timestamp() where id = $1`, [soon]);
  const before = await mailingRow(original.pool, half);
  expect(before.open).toBeGreaterThan(10);
  await original.pool.end();
  const copy = await copyDatabase(original.url);
  stopWorker = await work(original.url);
  await expect.poll(async () => (await requests()).length, PATIENCE).toBe(2 * CLIENTS);
  await stopWorker();
  const { rows } = await copy.pool.query<{ now: Date }>('select clock_timestamp() as now');
  return { copy, half, soon, later, before, lostAt: rows[0]!.now, known: await requests() };
}

describe('a database that was restored from a backup', () => {
  it('sends nothing until a person says how to go on, whoever resumes', async () => {
    const { copy, half, soon, before } = await lost();
    onTestFinished(await work(copy.url));
    await expect.poll(async () => (await mailingRow(copy.pool, soon)).total, PATIENCE).toBe(CLIENTS);
    await expect(resumeSending(copy.pool, BY)).rejects.toThrow(/restored from a backup.*--after-restore/);
    const { rows } = await copy.pool.query('select stopped_by, reason from sending_stop where resumed_at is null');
    expect(rows).toEqual([
      { stopped_by: 'heliograph', reason: expect.stringMatching(/^restored from a backup of about 20/) },
    ]);
    expect(await mailingRow(copy.pool, half)).toEqual(before);
    expect((await requests()).length).toBe(2 * CLIENTS);
  }, 60_000);

  it('goes on under the same ids: the gateway sends none twice, and who has a new id gets nothing', async () => {
    const { copy, half, soon, lostAt } = await lost();
    onTestFinished(await work(copy.url));
    await expect.poll(async () => (await mailingRow(copy.pool, soon)).open, PATIENCE).toBe(CLIENTS);
    const gone = await goOnAfterRestore(copy.pool, { lostAt, sameIds: true }, BY);
    expect(gone).toMatchObject({ writtenOff: CLIENTS });
    await expect
      .poll(() => mailingRow(copy.pool, half), PATIENCE)
      .toMatchObject({ status: 'COMPLETED', sent: CLIENTS });
    expect(await mailingRow(copy.pool, soon)).toMatchObject({ status: 'COMPLETED', unknown: CLIENTS });
    const taken = (await requests()).filter(({ accepted, repeat }) => accepted && !repeat);
    const perPhone = Map.groupBy(taken, ({ phone }) => phone);
    expect(perPhone.size).toBe(CLIENTS);
    expect([...perPhone.values()].every((each) => each.length === 2)).toBe(true);
    // What was launched after the backup is in the ledger alone: each of those ids is told, and nothing else.
    const findings = await verify(copy.pool, ledgerFile, { timeoutMs: TIMEOUT_MS });
    const lostIds = { subject: 'ids in the ledger', must: 'each that of a message', broken: CLIENTS };
    expect(findings.filter(({ broken }) => broken > 0)).toEqual([expect.objectContaining(lostIds)]);
  }, 60_000);

  it('goes on without what may have been sent: that is UNKNOWN, and goes out only by hand', async () => {
    const { copy, half, soon, later, before, lostAt, known } = await lost();
    const api = await createTestApi();
    onTestFinished(() => api.close());
    expect(await noticeRestore(copy.pool, LOG)).toBe(true);
    const premature = goOnAfterRestore(copy.pool, { lostAt, sameIds: false }, BY);
    await expect(premature).rejects.toThrow(`still being launched (${soon})`);
    onTestFinished(await work(copy.url));
    await expect.poll(async () => (await mailingRow(copy.pool, soon)).open, PATIENCE).toBe(CLIENTS);
    const early = goOnAfterRestore(copy.pool, { lostAt: new Date(0), sameIds: false }, BY);
    await expect(early).rejects.toThrow('The backup itself has a change');
    const gone = await goOnAfterRestore(copy.pool, { lostAt, sameIds: false }, BY);
    expect(gone).toEqual({ writtenOff: before.open + CLIENTS, later: [{ id: later, name: 'test' }] });
    const unknown = { status: 'COMPLETED', sent: before.sent, unknown: before.open };
    expect(await mailingRow(copy.pool, half)).toMatchObject(unknown);

    const fresh = await insertMailing(copy.pool);
    await expect
      .poll(() => mailingRow(copy.pool, fresh), PATIENCE)
      .toMatchObject({ status: 'COMPLETED', sent: CLIENTS });
    const all = await requests();
    expect(all.length).toBe(3 * CLIENTS);
    expect(all.some(({ repeat }) => repeat)).toBe(false);
    const highest = Math.max(...known.map(({ id }) => id!));
    expect(Math.min(...all.slice(known.length).map(({ id }) => id!))).toBeGreaterThan(highest);
  }, 60_000);

  it('is noticed once, and not where a database is at home', async () => {
    const home = await createTestDatabase();
    expect(await noticeRestore(home.pool, LOG)).toBe(false);
    expect(await noticeRestore(home.pool, LOG)).toBe(false);
    expect((await home.pool.query('select from sending_stop')).rowCount).toBe(0);
    await expect(goOnAfterRestore(home.pool, { lostAt: new Date(), sameIds: true }, BY)).rejects.toThrow(/No restored/);
    // A recovery in place shows by nothing: it has to be told.
    expect(await noticeRestore(home.pool, LOG, true)).toBe(true);
    const { rows } = await home.pool.query<{ n: string }>(`select nextval('message_block') as n`);
    expect(Number(rows[0]!.n)).toBeGreaterThan(10_000_000);
    expect(await noticeRestore(home.pool, LOG)).toBe(true);
    await goOnAfterRestore(home.pool, { lostAt: new Date(Date.now() - 1), sameIds: true }, BY);
    expect((await home.pool.query('select from sending_stop where resumed_at is null')).rowCount).toBe(0);
    expect(await noticeRestore(home.pool, LOG)).toBe(false);
    await home.drop();
  });
});
