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

describe('verify', () => {
  it('finds that a sound run holds, and says what it counted', async () => {
    const findings = await check();
    expect(findings.filter((finding) => finding.broken > 0)).toEqual([]);
    const counted = findings.map(
      ({ invariant, subject, must, counted }) => `${invariant} ${subject} ${counted}, ${must}`,
    );
    expect(counted).toEqual([
      '1 matching clients of launched mailings 18, each with exactly one message, and nobody else with any (clients)',
      '1 messages of mailings that are over 19, none open',
      '1 messages overall 19, each counted by a mailing that exists',
      '1 mailings 2, each with counts equal to a recount of its messages',
      '2 FAILED, EXPIRED and CANCELLED messages 2, none with an attempt of unknown outcome',
      '2 SENT messages 16, each accepted by the gateway',
      '2 FAILED, EXPIRED and CANCELLED messages 2, none accepted by the gateway',
      '2 requested FAILED, EXPIRED and CANCELLED messages 1, each refused in clear words every time',
      '2 accepted messages 17, each SENT, UNKNOWN, or still in hand',
      '3 ids in the ledger 18, each that of a message',
      '3 ids in the ledger 18, each always with the same payload',
      '3 requested messages 18, each to the phone that was copied at launch',
      '3 pairs of mailing and client in the ledger 18, each under one id (clients)',
      '4 requested messages 18, none requested more often than it was claimed',
      '4 messages requested again without a clear no before 1, each marked uncertain',
      '5 requests 20, none before the start',
      '5 requests 20, none at or after the end',
      "5 requests of mailings with allowed hours 9, each inside them by its client's clock",
      '5 requests of mailings that were paused or cancelled 11, none later than one time-out after it',
      '5 requests to clients that opted out or were deleted 0, none later than one time-out after it',
      '5 requests while all sending was stopped at times 0, none later than one time-out after it',
      '5 requests of mailings with a limit 9, no second with more than 1.1 of the limit and one',
      '5 requests while the gateway had a limit 0, no second with more than 1.1 of the limit and one',
    ]);
  });

  it('without a ledger checks what the database alone can tell', async () => {
    const findings = await verify(database.pool, null);
    expect(findings.map(({ invariant }) => invariant)).toEqual([1, 1, 1, 1, 2]);
    expect(findings.filter((finding) => finding.broken > 0)).toEqual([]);
  });

  it('leaves nothing behind', async () => {
    await check();
    expect((await sql(`select relname from pg_class where relname in ('request', 'requested')`)).rows).toEqual([]);
  });

  it('lays the two lines of a request over each other', async () => {
    const first = sound.lines[0]!;
    const { status, code, accepted, complete, ...arrival } = first;
    const answer = { seq: first.seq, answeredAt: first.at! + 500, status, code, accepted, complete } as typeof first;
    sound.lines.splice(0, 1, arrival as typeof first, answer);
    expect(await broken()).toEqual([]);
    sound.lines.splice(1, 1);
    expect(await broken()).toEqual(['2 SENT messages, each accepted by the gateway: 1']);
  });

  it('can not check against a ledger that is missing, or none', async () => {
    await expect(verify(database.pool, '/nowhere/ledger.jsonl')).rejects.toThrow('no ledger');
    sound.lines.splice(3, 1, { seq: 'four' } as never);
    await expect(check()).rejects.toThrow('line 4');
  });

  it('raises no alarm while what is left of a mailing is still being settled, however long that takes', async () => {
    await sql(
      `update mailing set status = 'RUNNING', finished_at = null, cancelled = 0, open = 1, starts_at = now() - interval '3 hours',
         ends_at = now() - interval '1 hour', version = 7 where id = 1`,
    );
    await sql(`update message set status = 'OPEN' where id = ${run.OPTED_OUT}`);
    const settled = (ago: string) =>
      sql(
        `insert into mailing_change (mailing_id, version, at, finished, message_ids, statuses)
         values (1, 7, now() - $1::interval, 0, '{}', '{}') on conflict (mailing_id, version) do update set at = excluded.at`,
        [ago],
      );
    await settled('60 seconds');
    expect(await broken(verify(database.pool, null))).toEqual([]);
    await settled('71 seconds');
    const left = `1 messages of mailings that are over, none open: ${run.OPTED_OUT}`;
    expect(await broken(verify(database.pool, null))).toEqual([left]);
  });

  it('judges no hours in a zone that PostgreSQL has lost since, and everything else still', async () => {
    await sql(`update message set time_zone = 'Mars/Olympus' where id = 12`);
    const hours = (await check()).find(({ subject }) => subject.endsWith('with allowed hours'));
    expect(hours).toMatchObject({ counted: run.LIMITED.length - 1, broken: 0 });
    sound.lines.find(({ id }) => id === 12)!.at = Date.parse(run.at(run.END));
    expect(await broken()).toEqual(['5 requests, none at or after the end: 12']);
  });

  it('names the first five of what is broken, in however many mailings', async () => {
    await sql(`update mailing set filter = jsonb_set(filter, '{tagsAny}', '["nobody has this"]')`);
    const [audience] = await verify(database.pool, null);
    expect(audience).toMatchObject({ broken: 18 });
    expect(audience?.examples).toHaveLength(5);
  });
});
