import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { insertClients, insertMailing } from '../testing/rows.js';
import { type Stage, setStage } from './stage.js';

const CLIENTS = 200;

/** Everything an attempt or a record of it may change in the rows of messages that are not SENT. */
async function rowsOf(stage: Stage): Promise<Map<string, string>> {
  const { rows } = await stage.pool.query(
    `select id, status, concat_ws(' ', status, fence, lease_until, tries_used, due_at, uncertain, waiting_for, gateway_code) as facts from message order by id`,
  );
  return new Map(rows.map(({ id, facts }) => [id, facts]));
}

test('FAULTS 3: workers that stand still for longer than their lease, stopped or with a blocked event loop, write nothing but SENT, and start no request, once they go on', async () => {
  // Some requests are never answered: what they came to is known only when the worker goes on, by its clock.
  const outcomes = [{ outcome: 'ok' as const, weight: 3 }, { outcome: 'hang' as const }];
  const stage = await setStage({ latency: { minMs: 50, maxMs: 150 }, outcomes });
  const { pool, count } = stage;
  await insertClients(pool, CLIENTS);
  const goesOn = join(stage.dir, 'goes-on');
  const [stopped, blocked] = await Promise.all([
    stage.start('worker', { concurrency: 8 }),
    stage.start('worker', { concurrency: 8, hooks: ['block-loop'], env: { BLOCK_UNTIL: goesOn } }),
  ]);
  await insertMailing(pool);
  await expect
    .poll(() => count('select sum(sent)::int from mailing'), { timeout: 20_000, interval: 10 })
    .toBeGreaterThan(40);
  stopped.kill('SIGSTOP');
  blocked.kill('SIGUSR2');
  await blocked.saying(/the event loop stands still/);

  // Once their leases are over another worker tries all that they have in hand, and is told no.
  await stage.behave({ outcomes: [{ outcome: 'wrong-code' }] });
  const other = await stage.start('worker');
  const untried = () => count(`select count(*)::int from message where status = 'OPEN' and gateway_code is null`);
  await expect.poll(untried, { timeout: 20_000, interval: 20 }).toBe(0);
  other.kill('SIGTERM');
  await other.ended;
  // From here on nobody may claim anew: all that can be written is of what they had in hand.
  await pool.query(`update mailing set status = 'PAUSED'`);
  const before = await rowsOf(stage);
  const requests = await stage.quiet();
  const lost = `select count(*)::int from message_attempt where outcome = 'lost'`;
  expect(await count(lost)).toBeGreaterThan(2);

  for (const [worker, goOn] of [
    [stopped, () => stopped.kill('SIGCONT')],
    [blocked, () => writeFileSync(goesOn, '')],
  ] as const) {
    goOn();
    worker.kill('SIGTERM');
    expect(await worker.ended).toEqual({ code: 0, signal: null });
  }
  const after = await rowsOf(stage);
  const changed = [...after].filter(([id, facts]) => facts !== before.get(id) && !facts.startsWith('SENT'));
  expect(changed).toEqual([]);
  expect(await stage.quiet()).toBe(requests);

  await stage.behave({});
  await pool.query(`update mailing set status = 'RUNNING'`);
  await pool.query(`update message set due_at = clock_timestamp() where status = 'OPEN'`);
  await stage.start('worker');
  await stage.drained();
  expect(await count('select sum(sent)::int from mailing')).toBe(CLIENTS);
  await stage.judge();
}, 180_000);
