import { setTimeout as sleep } from 'node:timers/promises';
import { expect, it } from 'vitest';
import { campaign } from '../testing/api-calls.js';
import { type LedgerRun, RUN_TIMEOUT_MS, startLedgerRun } from '../testing/ledger-run.js';
import { insertClients } from '../testing/rows.js';
import { between, pick, seeded } from '../testing/seeded.js';

const SLOW = { latency: { minMs: 20, maxMs: 200 } };

const inSeconds = (seconds: number) => new Date(Date.now() + seconds * 1_000).toISOString();

/** A time of day in Moscow, so many seconds from now. Hours may be over midnight, which is as good. */
function clock(seconds: number): string {
  return new Date(Date.now() + (3 * 3_600 + seconds) * 1_000).toISOString().slice(11, 19);
}
const hours = (from: number, to: number) => ({ allowedFrom: clock(from * 3_600), allowedTo: clock(to * 3_600) });
const ALWAYS = { allowedFrom: null, allowedTo: null };

/** A mailing of the API's making that goes to everybody at once. */
async function create({ calls }: LedgerRun, more: object = {}): Promise<string> {
  const { mailing, userErrors } = await calls.createMailing(campaign({ startsAt: undefined, ...more }));
  expect(userErrors).toEqual([]);
  return mailing!.id;
}

async function edit({ calls }: LedgerRun, id: string, change: object): Promise<void> {
  expect((await calls.updateMailing(id, change)).userErrors).toEqual([]);
}

it('an end that is brought forward in mid-batch: nothing arrives at or after it, who is left expires', async () => {
  const run = await startLedgerRun(SLOW);
  await insertClients(run.api.database.pool, 1_000);
  const id = await create(run);
  await run.until(id, ({ sent }) => sent > 50);
  await edit(run, id, { endsAt: inSeconds(1.5) });
  const { sent, expired, unknown } = await run.until(id, ({ status }) => status === 'COMPLETED');
  expect(sent).toBeGreaterThan(100);
  expect(expired + unknown).toBe(1_000 - sent);
  await run.judge();
});

it('an end that is moved later, and hours that are lifted, bring back who had expired', async () => {
  const run = await startLedgerRun(SLOW);
  await insertClients(run.api.database.pool, 300);
  await insertClients(run.api.database.pool, 300, { timeZone: 'Asia/Kamchatka' });
  const id = await create(run, hours(-1, 1));
  expect((await run.until(id, ({ sent }) => sent > 50)).expired).toBe(300);
  await edit(run, id, { endsAt: inSeconds(30 * 3_600) });
  await run.until(id, ({ expired, replan_cursor }) => expired === 0 && replan_cursor === null);
  const { rows } = await run.sql(
    `select distinct waiting_for, plan from message where mailing_id = $1 and time_zone = 'Asia/Kamchatka'`,
    [id],
  );
  expect(rows).toEqual([{ waiting_for: 'WINDOW', plan: 2 }]);
  await edit(run, id, ALWAYS);
  expect((await run.until(id, ({ status }) => status === 'COMPLETED')).sent).toBe(600);
  const counted = await run.judge();
  expect(counted('requests of mailings with allowed hours')).toBeGreaterThan(50);
});

it('a start that is moved, to and fro, is when it goes out', async () => {
  const run = await startLedgerRun();
  await insertClients(run.api.database.pool, 20);
  const [sooner, later] = [
    await create(run, { startsAt: inSeconds(600) }),
    await create(run, { startsAt: inSeconds(1) }),
  ];
  await edit(run, sooner, { startsAt: inSeconds(0.5) });
  await edit(run, later, { startsAt: inSeconds(2.5) });
  await run.until(sooner, ({ status }) => status === 'COMPLETED');
  expect((await run.until(later, () => true)).status).toBe('SCHEDULED');
  await run.until(later, ({ status }) => status === 'COMPLETED');
  await run.judge();
});

it('a pause beyond the hours in which it may go: all wait for the next, and few are taken in hand for it', async () => {
  const run = await startLedgerRun(SLOW);
  await insertClients(run.api.database.pool, 3_000);
  const id = await create(run, { endsAt: inSeconds(3 * 86_400), ...hours(-1, 1) });
  const count = async (where: string): Promise<number> =>
    (await run.sql(`select count(*)::int as n from message where mailing_id = $1 and ${where}`, [id])).rows[0].n;
  await run.until(id, ({ sent }) => sent > 50);
  await run.calls.take('Pause', id);
  await expect.poll(() => count('lease_until is not null'), { timeout: 10_000 }).toBe(0);
  const { sent } = await run.until(id, () => true);
  // As if the hour had passed: the hours are over, and every message was planned to go in them.
  await run.sql('update mailing set allowed_to = $2 where id = $1', [id, clock(-1)]);
  await run.sql(`update message set window_ends_at = now() where mailing_id = $1 and status = 'OPEN'`, [id]);
  await run.calls.take('Resume', id);
  const soon = `status = 'OPEN' and due_at < now() + interval '20 hours'`;
  await expect.poll(() => count(soon), { timeout: 30_000 }).toBe(0);
  expect(await run.until(id, (row) => row.replan_cursor === null)).toMatchObject({ sent, open: 3_000 - sent });
  expect(await count(`status = 'OPEN' and fence > 0`)).toBeLessThan(1_500);
  await run.judge();
});

it.each([1])(
  'edited twenty times in mid-batch, and then let go, it reaches everybody once: seed %i',
  async (seed) => {
    const run = await startLedgerRun({ latency: { minMs: 100, maxMs: 300 } });
    const random = seeded(seed);
    const { pool } = run.api.database;
    await insertClients(pool, 1_500);
    await insertClients(pool, 1_500, { timeZone: 'Asia/Kamchatka' });
    const id = await create(run, { endsAt: inSeconds(86_400), ...hours(-1, 1) });
    await run.until(id, ({ sent }) => sent > 50);
    for (let edits = 0; edits < 20; edits += 1) {
      await sleep(between(random, 0, 120));
      // At any moment one half of them may go, so that it is not over before it has been let go.
      const window = pick(random, [hours(-1, 1), hours(8, 10), ALWAYS]);
      await edit(run, id, { ...window, endsAt: inSeconds(pick(random, [2, 3, 86_400]) * 3_600), rateLimit: null });
      if (random() < 0.2) await run.calls.take('Pause', id).then(() => run.calls.take('Resume', id));
    }
    await run.until(id, ({ replan_cursor }) => replan_cursor === null);
    await edit(run, id, { ...ALWAYS, endsAt: inSeconds(86_400) });
    await run.simulator.behave({});
    const { sent, unknown, expired } = await run.until(id, ({ status }) => status === 'COMPLETED');
    // Who may have been reached already, and could not be tried again by one of the edits, is not brought back.
    expect([sent + unknown, expired]).toEqual([3_000, 0]);
    expect(unknown).toBeLessThan(150);
    const counted = await run.judge();
    expect(counted('requests of mailings with allowed hours')).toBeGreaterThan(50);
  },
  90_000,
);

it('failed messages that are retried by hand go out under their own ids', async () => {
  const run = await startLedgerRun({
    outcomes: [
      { outcome: '400', weight: 9 },
      { outcome: 'ok', weight: 1 },
    ],
  });
  await insertClients(run.api.database.pool, 300);
  const id = await create(run);
  const { failed } = await run.until(id, ({ status }) => status === 'COMPLETED');
  expect(failed).toBeGreaterThan(200);
  await run.simulator.behave({});
  const { it } = await run.api.run<{ it: { retriedCount: number } }>(
    'mutation ($id: ID!) { it: mailingRetryFailed(id: $id, filter: { gatewayCodes: [400] }) { retriedCount } }',
    { id },
  );
  expect(it.retriedCount).toBe(failed);
  expect((await run.until(id, ({ status }) => status === 'COMPLETED')).sent).toBe(300);
  await run.judge();
});

it('a client that opted out or was deleted while its message waits gets none, one that came back does', async () => {
  const run = await startLedgerRun();
  const [out, back, gone, restored] = await insertClients(run.api.database.pool, 4);
  const id = await create(run, { endsAt: inSeconds(86_400), ...hours(2, 3) });
  await run.until(id, ({ open }) => open === 4);
  for (const client of [out, back]) await run.calls.updateClient(client!, { optedOut: true });
  for (const client of [gone, restored]) await run.calls.deleteClient(client!);
  await run.calls.updateClient(back!, { optedOut: false });
  await run.sql('update client set deleted_at = null where id = $1', [restored]);
  await run.sql(`insert into client_event (client_id, kind, by) values ($1, 'RESTORED', 'admin')`, [restored]);
  // Nothing is decided before a message is due.
  expect(await run.until(id, () => true)).toMatchObject({ open: 4, cancelled: 0 });
  await sleep(RUN_TIMEOUT_MS * 1.5);
  await edit(run, id, ALWAYS);
  expect(await run.until(id, ({ status }) => status === 'COMPLETED')).toMatchObject({ sent: 2, cancelled: 2 });
  const { rows } = await run.sql('select client_id, status from message where mailing_id = $1 order by client_id', [
    id,
  ]);
  expect(rows.map(({ status }) => status)).toEqual(['CANCELLED', 'SENT', 'CANCELLED', 'SENT']);
  await run.judge();
});
