import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import type { ChildProgram } from '../testing/child-program.js';
import { insertClients, insertMailing } from '../testing/rows.js';
import { type Stage, setStage } from './stage.js';

const CLIENTS = 200;
/** How a worker stands still with messages in hand, and when it has gone on. */
const STANDSTILLS = [
  {
    how: 'is stopped (SIGSTOP)',
    stop: (worker: ChildProgram) => worker.kill('SIGSTOP'),
    goOn: (worker: ChildProgram) => worker.kill('SIGCONT'),
  },
  {
    how: 'has a blocked event loop',
    stop: (worker: ChildProgram) => worker.kill('SIGUSR2'),
    goOn: (_: ChildProgram, file: string) => writeFileSync(file, ''),
  },
];

/** Everything an attempt or a record of it may change in the rows of messages that are not SENT. */
async function rowsOf(stage: Stage): Promise<Map<string, string>> {
  const { rows } = await stage.pool.query(
    `select id, status, concat_ws(' ', status, fence, lease_until, tries_used, due_at, uncertain, waiting_for, gateway_code) as facts from message order by id`,
  );
  return new Map(rows.map(({ id, facts }) => [id, facts]));
}

test.each(STANDSTILLS)(
  'FAULTS 3: a worker that $how for longer than its lease writes nothing but SENT, and starts no request, once it goes on',
  async ({ stop, goOn }) => {
    const stage = await setStage({ latency: { minMs: 150, maxMs: 250 } });
    const { pool, count } = stage;
    await insertClients(pool, CLIENTS);
    const goesOn = join(stage.dir, 'goes-on');
    const sleeper = await stage.start('worker', {
      concurrency: 8,
      hooks: ['block-loop'],
      env: { BLOCK_UNTIL: goesOn },
    });
    await insertMailing(pool);
    await expect
      .poll(() => count('select sum(sent)::int from mailing'), { timeout: 20_000, interval: 10 })
      .toBeGreaterThan(30);
    stop(sleeper);
    // Nobody can have what it has in hand until the lease is over; then another worker tries all of it, and is told no.
    await expect
      .poll(() => count('select count(*)::int from message where lease_until > clock_timestamp()'), {
        timeout: 20_000,
        interval: 20,
      })
      .toBe(0);
    const inHand = await count('select count(*)::int from message where lease_until is not null');
    expect(inHand).toBeGreaterThan(1);
    await stage.behave({ outcomes: [{ outcome: '503', retryAfter: 600 }] });
    const other = await stage.start('worker');
    await expect
      .poll(() => count(`select count(*)::int from message where status = 'OPEN' and waiting_for is null`), {
        timeout: 20_000,
        interval: 20,
      })
      .toBe(0);
    other.kill('SIGTERM');
    await other.ended;
    const before = await rowsOf(stage);
    const requests = (await stage.requests()).length;
    expect(await count('select count(*)::int from message where uncertain')).toBeGreaterThanOrEqual(inHand);

    goOn(sleeper, goesOn);
    sleeper.kill('SIGTERM');
    expect(await sleeper.ended).toEqual({ code: 0, signal: null });
    const after = await rowsOf(stage);
    const changed = [...after].filter(([id, facts]) => facts !== before.get(id) && !facts.startsWith('SENT'));
    expect(changed).toEqual([]);
    expect((await stage.requests()).length).toBe(requests);

    await stage.behave({});
    await pool.query('update message set due_at = clock_timestamp()');
    await stage.start('worker');
    await stage.drained();
    expect(await count('select sum(sent)::int from mailing')).toBe(CLIENTS);
    await stage.judge();
  },
  90_000,
);
