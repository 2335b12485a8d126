import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import * as run from '../testing/sound-run.js';
import { createTestDatabase, type TestDatabase } from '../testing/test-database.js';
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

const sql = (text: string, params: unknown[] = []) => database.pool.query(text, params);
const check = () => verify(database.pool, sound.ledgerFile());

const broken = (findings = check()) => run.broken(findings);

describe('the mutants that the judge must not miss', () => {
  it('recording before sending: SENT, but the gateway knows nothing of it', async () => {
    sound.lines.splice(0, 1);
    expect(await broken()).toEqual(['2 SENT messages, each accepted by the gateway: 1']);
  });

  it('a new id for each retry: the ledger has ids that no message has', async () => {
    sound.request(999, 20_000, { phone: 79000000001 });
    expect(await broken()).toContain('3 ids in the ledger, each that of a message: 999');
  });

  it('a new id for each retry, kept as a message of its own: two ids for one client', async () => {
    await sql('drop index message_mailing_client_unique');
    await sql(
      `insert into message select (m).* from (select jsonb_populate_record(m, '{"id": 999}') as m from message m where id = 1) x`,
    );
    await sql('update mailing set total = total + 1, sent = sent + 1 where id = 1');
    sound.request(999, 20_000, { phone: 79000000001 });
    expect(await broken()).toEqual([
      '1 matching clients of launched mailings, each with exactly one message, and nobody else with any (clients): 1',
      '3 pairs of mailing and client in the ledger, each under one id (clients): 1',
    ]);
  });

  it('a checkpoint that moves at fetch: whoever was in the lost batch has no message', async () => {
    await sql('delete from message where id = 3');
    await sql('update mailing set total = total - 1, sent = sent - 1 where id = 1');
    sound.lines = sound.lines.filter((line) => line.id !== 3);
    expect(await broken()).toEqual([
      '1 matching clients of launched mailings, each with exactly one message, and nobody else with any (clients): 3',
    ]);
  });

  it('sending after the end: a request at the very moment', async () => {
    sound.lines[0]!.at = Date.parse(run.at(run.END));
    expect(await broken()).toEqual(['5 requests, none at or after the end: 1']);
  });

  it('FAILED after an unknown outcome: the gateway had accepted it, or may have', async () => {
    const request = sound.lines.find((line) => line.id === run.FAILED)!;
    Object.assign(request, { status: null, code: null, complete: false });
    const clear = `2 requested FAILED, EXPIRED and CANCELLED messages, each refused in clear words every time: ${run.FAILED}`;
    expect(await broken()).toEqual([clear]);
    request.accepted = true;
    expect(await broken()).toEqual([
      `2 FAILED, EXPIRED and CANCELLED messages, none accepted by the gateway: ${run.FAILED}`,
      clear,
      `2 accepted messages, each SENT, UNKNOWN, or still in hand: ${run.FAILED}`,
    ]);
  });

  it('a payload that follows an edited client: one id, two payloads', async () => {
    sound.lines.find((line) => line.repeat)!.hash = 'payload of the edited client';
    expect(await broken()).toEqual([`3 ids in the ledger, each always with the same payload: ${run.SENT_AFTER_DROP}`]);
  });

  it('a phone that follows an edited client, also in a first request', async () => {
    sound.lines[0]!.phone = 79000000555;
    expect(await broken()).toEqual(['3 requested messages, each to the phone that was copied at launch: 1']);
  });
});

describe('a mutant for each invariant', () => {
  it('1: a wrong counter', async () => {
    await sql('update mailing set sent = sent + 1, failed = failed - 1 where id = 1');
    expect(await broken()).toEqual(['1 mailings, each with counts equal to a recount of its messages: 1']);
  });

  it('1: a message left open in a completed mailing', async () => {
    await sql(`update message set status = 'OPEN' where id = 1`);
    await sql('update mailing set sent = sent - 1, open = open + 1 where id = 1');
    expect(await broken(verify(database.pool, null))).toEqual(['1 messages of mailings that are over, none open: 1']);
  });

  it('1: a launch that looked at no filter: people have a message whom it does not match', async () => {
    await sql(`update mailing set filter = jsonb_set(filter, '{tagsAny}', '["nobody has this"]') where id = 1`);
    const [finding] = await broken(verify(database.pool, null));
    expect(finding).toMatch(/^1 matching clients of launched mailings, .* and nobody else with any \(clients\): 1 2 3/);
  });

  it.each(['CANCELLED', 'RUNNING', 'PAUSED'])(
    '1: a message that nobody settled, long after the end of a %s mailing',
    async (status) => {
      await sql(
        `update mailing set status = $1, cancelled = cancelled - 1, open = open + 1, starts_at = now() - interval '3 hours',
           ends_at = now() - interval '1 hour', finished_at = now() - interval '1 hour' where id = 1`,
        [status],
      );
      await sql(`update message set status = 'OPEN' where id = ${run.OPTED_OUT}`);
      const left = `1 messages of mailings that are over, none open: ${run.OPTED_OUT}`;
      expect(await broken(verify(database.pool, null))).toEqual([left]);
      await sql(`update message set lease_until = now() where id = ${run.OPTED_OUT}`);
      expect(await broken(verify(database.pool, null))).toEqual([]);
    },
  );

  it('1: a message of no mailing', async () => {
    await sql('update message set mailing_id = 77 where id = 1');
    expect(await broken(verify(database.pool, null))).toContain(
      '1 messages overall, each counted by a mailing that exists: 1',
    );
  });

  it('2: CANCELLED although an attempt was never answered', async () => {
    await sql(`update message set uncertain = true where id = ${run.OPTED_OUT}`);
    expect(await broken()).toEqual([
      `2 FAILED, EXPIRED and CANCELLED messages, none with an attempt of unknown outcome: ${run.OPTED_OUT}`,
    ]);
  });

  it('2: a clear yes recorded as a no', async () => {
    await sql(`update mailing set status = 'RUNNING', sent = sent - 1, open = open + 1 where id = 1`);
    await sql(`update message set status = 'OPEN' where id = 1`);
    expect(await broken()).toContain('2 accepted messages, each SENT, UNKNOWN, or still in hand: 1');
    await sql(`update message set lease_until = now() where id = 1`);
    expect(await broken()).toEqual([]);
  });

  it('4: requested more often than claimed', async () => {
    await sql(`update message set fence = 1 where id = ${run.SENT_AFTER_503}`);
    expect(await broken()).toEqual([
      `4 requested messages, none requested more often than it was claimed: ${run.SENT_AFTER_503}`,
    ]);
  });

  it.each([
    ['silence', { status: null, code: null, complete: false }],
    ['a 502 of a proxy', { status: 502, code: null }],
    ['a 200 without a code', { status: 200, code: null }],
    ['a yes', { status: 200, code: 0, accepted: true }],
  ])('4: requested again after %s, and not marked uncertain', async (_what, facts) => {
    Object.assign(sound.lines.find((line) => line.id === run.SENT_AFTER_503)!, facts);
    expect(await broken()).toEqual([
      `4 messages requested again without a clear no before, each marked uncertain: ${run.SENT_AFTER_503}`,
    ]);
  });

  it('5: a request before the start', async () => {
    sound.lines[0]!.at = Date.parse(run.at(-1));
    expect(await broken()).toEqual(['5 requests, none before the start: 1']);
  });

  it('5: an edit holds from its moment on, and leaves one time-out to what is under way', async () => {
    const end = run.at(30_000);
    await sql(`update mailing set ends_at = $1 where id = 2`, [end]);
    await sql(
      `insert into mailing_event (mailing_id, at, kind, by, details)
       select mailing_id, $1, 'EDITED', 'admin', details || jsonb_build_object('endsAt', $2::timestamptz) from mailing_event
       where mailing_id = 2 and kind = 'LAUNCHED'`,
      [run.at(112_000), end],
    );
    // The requests of mailing 2 go from 120 s to 124 s: the old end counts until 122 s.
    expect(await broken()).toEqual(['5 requests, none at or after the end: 15 16 17 18 20']);
  });

  it("5: a request outside the client's hours, which his own clock decides", async () => {
    await sql(`update message set time_zone = 'Asia/Kamchatka' where id = 12`);
    expect(await broken()).toEqual([
      "5 requests of mailings with allowed hours, each inside them by its client's clock: 12",
    ]);
  });

  it('5: hours over midnight belong to the day on which they begin', async () => {
    const history = (from: string, to: string, days: string) =>
      sql(
        `update mailing_event set details = details || jsonb_build_object('allowedFrom', $1::text, 'allowedTo', $2::text, 'weekdays', $3::jsonb)
         where mailing_id = 2`,
        [from, to, days],
      );
    // It is Saturday, noon in Moscow; in Honolulu it is 23:02 on Friday, in Kolkata 14:32 on Saturday.
    await sql(`update message set time_zone = 'Pacific/Honolulu' where mailing_id = 2`);
    await history('22:00:00', '02:00:00', '[5]');
    expect(await broken()).toEqual([]);
    await history('22:00:00', '02:00:00', '[6]');
    expect((await broken())[0]).toContain('allowed hours');
    await sql(`update message set time_zone = 'Asia/Kolkata' where mailing_id = 2`);
    await history('22:00:00', '15:00:00', '[5]');
    expect(await broken()).toEqual([]);
  });

  it('5: a request later than one time-out after a pause, before it was resumed', async () => {
    sound.lines[0]!.at = Date.parse(run.at(run.PAUSE + 9_999));
    expect(await broken()).toEqual([]);
    sound.lines[0]!.at = Date.parse(run.at(run.PAUSE + 10_001));
    expect(await broken()).toEqual([
      '5 requests of mailings that were paused or cancelled, none later than one time-out after it: 1',
    ]);
    sound.lines[0]!.at = Date.parse(run.at(run.RESUME + 1));
    expect(await broken()).toEqual([]);
  });

  it('5: a request later than one time-out after a cancel', async () => {
    await sql(`insert into mailing_event (mailing_id, at, kind, by) values (2, $1, 'CANCELLED', 'admin')`, [
      run.at(113_000),
    ]);
    expect(await broken()).toEqual([
      '5 requests of mailings that were paused or cancelled, none later than one time-out after it: 18 20',
    ]);
  });

  it('5: a request later than one time-out after an opt-out, a deletion', async () => {
    sound.request(run.OPTED_OUT, run.OPT_OUT + 10_001, { status: 503, code: 503, accepted: false });
    const optOut = `5 requests to clients that opted out or were deleted, none later than one time-out after it: ${run.OPTED_OUT}`;
    expect(await broken()).toEqual([optOut]);
    await sql(`update client_event set kind = 'DELETED'`);
    expect(await broken()).toEqual([optOut]);
    await sql(`insert into client_event (client_id, at, kind, by) values (${run.OPTED_OUT}, $1, 'RESTORED', 'admin')`, [
      run.at(run.OPT_OUT + 10_000),
    ]);
    expect(await broken()).toEqual([]);
  });

  it('5: more requests in a sliding second than 1.1 of the limit and one', async () => {
    const limited = sound.lines.filter((line) => run.LIMITED.includes(line.id!));
    // The limit of 2 allows 3 in any second; the fourth here comes 999 ms after the first.
    [0, 400, 800, 999].forEach((ms, index) => {
      limited[index]!.at = Date.parse(run.at(60_000 + ms));
    });
    expect(await broken()).toEqual([
      '5 requests of mailings with a limit, no second with more than 1.1 of the limit and one: 14',
    ]);
    limited[3]!.at = Date.parse(run.at(61_000));
    expect(await broken()).toEqual([]);
  });
});
