import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import * as run from '../testing/sound-run.js';
import { createTestDatabase, type TestDatabase } from '../testing/test-database.js';
import type { CheckOptions } from './check.js';
import { limitUse } from './limit-use.js';
import { verify } from './verify.js';

let database: TestDatabase;
let sound: run.SoundRun;
beforeEach(async () => {
  database = await createTestDatabase();
  sound = await run.makeSoundRun(database.pool);
});
afterEach(async () => {
  sound.remove();
  await database.drop();
});

const sql = (text: string, ...params: unknown[]) => database.pool.query(text, params);
const broken = (options: Partial<CheckOptions> = {}) => run.broken(verify(database.pool, sound.ledgerFile(), options));
const arrive = (line: number, ms: number) => Object.assign(sound.lines[line]!, { at: Date.parse(run.at(ms)) });
const NO = { status: 400, code: 400, accepted: false };
const MINUTE = 60_000;
const MAILING_LIMIT = '5 requests of mailings with a limit, no second with more than 1.1 of the limit and one';
const GATEWAY_LIMIT = '5 requests while the gateway had a limit, no second with more than 1.1 of the limit and one';
const AFTERWARDS = 'none later than one time-out after it';

/** An edit of the second mailing, whose requests go from 120 s to 124 s, two a second. */
const edit = (ms: number, change: object) =>
  sql(
    `insert into mailing_event (mailing_id, at, kind, by, details)
     select 2, $1, 'EDITED', 'admin', details || $2::jsonb from mailing_event where mailing_id = 2 order by id desc limit 1`,
    run.at(ms),
    JSON.stringify(change),
  );

describe('limits, by their history', () => {
  it('one that was lowered leaves one time-out to what was under way, and holds from then on', async () => {
    await edit(111_000, { rateLimit: 1 });
    // Two a second are within 1.1 × 1 + 1, three are not.
    expect(await broken()).toEqual([]);
    const times = [120_000, 120_400, 120_800, 122_100, 122_500, 122_900, 125_000, 126_000, 127_000];
    for (const [index, ms] of times.entries()) arrive(sound.lines.length - 9 + index, ms);
    expect(await broken()).toEqual([`${MAILING_LIMIT}: 16`]);
    await edit(121_500, { rateLimit: 2 });
    expect(await broken()).toEqual([]);
  });

  it('one that was taken away, or is raised, allows more from its moment on and not before', async () => {
    for (let index = 0; index < 9; index += 1) arrive(sound.lines.length - 9 + index, 120_000 + index);
    expect(await broken()).toEqual([`${MAILING_LIMIT}: 14 15 16 17 18`]);
    await edit(120_100, { rateLimit: 100 });
    expect(await broken()).toEqual([`${MAILING_LIMIT}: 14 15 16 17 18`]);
    await edit(119_900, { rateLimit: null });
    expect(await broken()).toEqual([]);
  });

  it('without a history a mailing is judged by its row', async () => {
    for (let index = 0; index < 4; index += 1) arrive(sound.lines.length - 9 + index, 110_000 + index);
    await sql(`delete from mailing_event where mailing_id = 2`);
    expect(await broken()).toEqual([`${MAILING_LIMIT}: 14`]);
    await sql(
      `update mailing set rate_limit = null, ends_at = $1, allowed_to = '12:02:03' where id = 2`,
      run.at(123_500),
    );
    expect(await broken()).toEqual([
      '5 requests, none at or after the end: 18 20',
      "5 requests of mailings with allowed hours, each inside them by its client's clock: 17 18 20",
    ]);
  });

  it("the gateway's holds over all mailings and test sends, a change and a ceiling included", async () => {
    // Nine requests of the first mailing go between 1.001 and 2.000 s, and a test send among them.
    await insertTest();
    sound.request(21, 1_500, { phone: 79_000_000_001 });
    await limitGateway(-MINUTE, 8);
    expect(await broken()).toEqual([`${GATEWAY_LIMIT}: 10`]);
    await sql('delete from message where id = 21');
    sound.lines.pop();
    expect(await broken()).toEqual([]);
    await limitGateway(-30_000, 7);
    expect(await broken()).toEqual([`${GATEWAY_LIMIT}: 10`]);
    await sql('update channel_limit set at = $1 where rate_limit = 7', run.at(-8_000));
    expect(await broken()).toEqual([]);
    expect(await broken({ rateLimit: 7 })).toEqual([`${GATEWAY_LIMIT}: 10`]);
    await sql('update channel_limit set rate_limit = null');
    expect(await broken({ rateLimit: 8 })).toEqual([]);
    expect(await broken({ rateLimit: 7 })).toEqual([`${GATEWAY_LIMIT}: 10`]);
    const heldUp = (since: number, until: number) => [
      { since: Date.parse(run.at(since)), until: Date.parse(run.at(until)) },
    ];
    expect(await broken({ rateLimit: 7, heldUp: heldUp(-5_000, 1_100) }), 'what was held up came at once').toEqual([]);
    expect(await broken({ rateLimit: 7, heldUp: heldUp(-5_000, 900) })).toEqual([`${GATEWAY_LIMIT}: 10`]);
    const bunch = sound.lines.filter(({ id }) => id === 10)[0]!;
    bunch.heldSince = bunch.at! - 101;
    expect(await broken({ rateLimit: 7 }), 'what the simulator itself held up').toEqual([]);
    bunch.heldSince = Number.NaN;
    await expect(broken()).rejects.toThrow('heldSince');
  });

  it('how much of one was used can be asked for a stretch that nothing else held up', async () => {
    const busy = { rate: 2, since: Date.parse(run.at(120_000)), until: Date.parse(run.at(124_000)) };
    expect(await limitUse(sound.ledgerFile(), busy)).toBe(1);
    expect(await limitUse(sound.ledgerFile(), { ...busy, concerns: (id) => id % 2 === 0 })).toBe(0.5);
  });

  const limitGateway = (ms: number, rate: number | null) =>
    sql(
      `insert into channel_limit (channel, at, by, rate_limit) values ('gateway', $1, 'admin', $2)`,
      run.at(ms),
      rate,
    );
});

describe('steps that a person takes', () => {
  it('a stop of all sending: nothing arrives later than one time-out after it, no test send either', async () => {
    const stopped = '5 requests while all sending was stopped at times';
    await sql(
      `insert into sending_stop (stopped_at, stopped_by, resumed_at) values ($1, 'admin', $2)`,
      run.at(112_000),
      run.at(122_600),
    );
    expect(await broken()).toEqual([`${stopped}, ${AFTERWARDS}: 16`]);
    await sql('update sending_stop set resumed_at = null');
    expect(await broken()).toEqual([`${stopped}, ${AFTERWARDS}: 16 17 18 20`]);
    await sql('update sending_stop set stopped_at = $1', run.at(150_000));
    await insertTest();
    sound.request(21, 160_001, { phone: 79_000_000_001 });
    expect(await broken()).toEqual([`${stopped}, ${AFTERWARDS}: 21`]);
  });

  it('a retry by hand: what failed is sent later, also of a mailing that was paused when it was over', async () => {
    await sql(`update mailing set sent = 8, failed = 0 where id = 1`);
    await sql(`update message set status = 'SENT', fence = 2 where id = ${run.FAILED}`);
    sound.request(run.FAILED, 30 * MINUTE);
    await sql(`delete from mailing_event where kind = 'RESUMED'`);
    const paused = '5 requests of mailings that were paused or cancelled';
    expect(await broken()).toEqual([`${paused}, ${AFTERWARDS}: ${run.FAILED}`]);
    await sql(
      `insert into mailing_event (mailing_id, at, kind, by) values (1, $1, 'REOPENED', 'admin')`,
      run.at(29 * MINUTE),
    );
    expect(await broken()).toEqual([]);
  });

  it('a later end brings people back; an end that is brought forward leaves one time-out to what is under way', async () => {
    await edit(30_000, { endsAt: run.at(60_000) });
    expect(await broken()).toEqual(['5 requests, none at or after the end: 11 12 13 14 15']);
    await edit(90_000, { endsAt: run.at(run.END) });
    expect(await broken()).toEqual([]);
    await edit(112_600, { endsAt: run.at(112_600) });
    expect(await broken()).toEqual(['5 requests, none at or after the end: 17 18 20']);
  });
});

describe('test sends', () => {
  it('are in no count and under no limit of a mailing, and go before the start, after the end, at any hour and in a pause', async () => {
    await insertTest(1);
    for (const ms of [-MINUTE, run.PAUSE + 30_000]) sound.request(21, ms, { phone: 79_000_000_001, ...NO });
    sound.request(21, run.END + MINUTE, { phone: 79_000_000_001 });
    expect(await broken()).toEqual([]);
    await sql('update message set mailing_id = 2 where id = 21');
    for (const index of [-3, -2]) sound.lines.at(index)!.at = Date.parse(run.at(120_100));
    expect(await broken()).toEqual([]);
  });

  it('always carry one payload to one phone, under an id that is known, and no oftener than they were claimed', async () => {
    await insertTest();
    for (let times = 0; times < 4; times += 1) sound.request(21, times * MINUTE, { phone: 79_000_000_001, ...NO });
    sound.request(22, MINUTE, { phone: 79_000_000_002 });
    sound.lines.at(-3)!.hash = 'another';
    sound.lines.at(-4)!.phone = 79_000_000_003;
    expect(await broken()).toEqual([
      '2 SENT messages, each accepted by the gateway: 21',
      '3 ids in the ledger, each that of a message: 22',
      '3 ids in the ledger, each always with the same payload: 21',
      '3 requested messages, each to the phone that was copied at launch: 21',
      '4 requested messages, none requested more often than it was claimed: 21',
    ]);
  });

  it('never reach somebody later than one time-out after an opt-out', async () => {
    await insertTest(run.OPTED_OUT);
    sound.request(21, run.OPT_OUT + 10_000, { phone: 79_000_000_001 });
    expect(await broken()).toEqual([]);
    arrive(sound.lines.length - 1, run.OPT_OUT + 10_001);
    expect(await broken()).toEqual([`5 requests to clients that opted out or were deleted, ${AFTERWARDS}: 21`]);
  });
});

/** A test send of the first mailing under the id 21, claimed three times. */
async function insertTest(client: number | null = null): Promise<void> {
  await sql(
    `insert into message (mailing_id, id, client_id, kind, text, phone, time_zone, attributes, status, due_at, window_ends_at, plan, fence)
     values (1, 21, $1, 'TEST', 'Hello', '79000000001', 'Europe/Moscow', '{}', 'SENT', $2, $2, 1, 3)`,
    client,
    run.at(0),
  );
}
