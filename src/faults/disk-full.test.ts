import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import type { ChildProgram } from '../testing/child-program.js';
import { PROGRAM_TOKEN, urlOf } from '../testing/program.js';
import { insertClients, insertMailing } from '../testing/rows.js';
import { send } from '../testing/running-api.js';
import { makeSmallDisk, type SmallDisk } from '../testing/small-disk.js';
import { type Stage, setStageOnOwnPostgres } from './stage.js';

const CLIENTS = 3_000;
const BEHAVIOUR = { latency: { minMs: 10, maxMs: 40 } };

/** A worker and an API in the middle of a mailing. */
async function sending(stage: Stage): Promise<[ChildProgram, ChildProgram]> {
  await insertClients(stage.pool, CLIENTS);
  await insertMailing(stage.pool);
  const programs = await Promise.all([stage.start('worker'), stage.start('api')]);
  await expect.poll(() => sent(stage), { timeout: 20_000, interval: 20 }).toBeGreaterThan(100);
  return programs;
}

const sent = (stage: Stage) => stage.count('select coalesce(sum(sent), 0)::int from mailing').catch(() => -1);

/** Adds clients until that is refused. @returns the refusal */
async function addClients(url: string, disk: SmallDisk): Promise<{ status: number; code: string }> {
  for (let n = 0; ; n += 1) {
    disk.fill();
    const input = `{ phone: "7910${String(n).padStart(7, '0')}", timeZone: "UTC" }`;
    const body = JSON.stringify({ query: `mutation { clientCreate(input: ${input}) { userErrors { code } } }` });
    const headers = { 'content-type': 'application/json', authorization: `Bearer ${PROGRAM_TOKEN}` };
    const answer = await send(`${url}/graphql`, { method: 'POST', headers, body });
    if (!answer.body.errors) continue;
    expect(answer.text).not.toMatch(/127\.0\.0\.1|No space|insert|\.[jt]s:\d/);
    return { status: answer.status, code: answer.body.errors[0].extensions.code };
  }
}

async function expectUnharmed(stage: Stage, programs: ChildProgram[]): Promise<void> {
  await stage.drained();
  await stage.judge();
  expect(await sent(stage)).toBe(CLIENTS);
  for (const program of programs) {
    expect(program.said).not.toMatch(/"level":"fatal"/);
    program.kill('SIGTERM');
    expect(await program.ended).toEqual({ code: 0, signal: null });
  }
}

test('FAULTS 15: the disk of the tables is full: nothing is sent without a committed claim, the API says 503, and both go on once there is room', async ({
  skip,
}) => {
  const disk = await makeSmallDisk(96);
  if ('obstacle' in disk) return skip(disk.obstacle);
  onTestFinished(() => disk.remove());
  const stage = await setStageOnOwnPostgres({ behaviour: BEHAVIOUR });
  const tables = join(disk.dir, 'tables');
  mkdirSync(tables);
  await stage.pool.query(`create tablespace small location '${tables}'`);
  for (const what of ['table', 'index'])
    await stage.pool.query(`alter ${what} all in tablespace pg_default set tablespace small`);
  const programs = await sending(stage);
  disk.fill();
  expect(await addClients(await urlOf(programs[1]), disk)).toEqual({ status: 503, code: 'UNAVAILABLE' });
  const requests = await stage.quiet();
  expect(requests).toBeLessThan(CLIENTS);
  expect(requests).toBeLessThanOrEqual(await stage.count('select sum(fence)::int from message'));
  disk.makeRoom();
  await expectUnharmed(stage, programs);
}, 120_000);

test('FAULTS 15: the disk of the log is full, so that the server dies: nothing is sent without a committed claim, and it goes on when that is started again', async ({
  skip,
}) => {
  const disk = await makeSmallDisk(128);
  if ('obstacle' in disk) return skip(disk.obstacle);
  onTestFinished(() => disk.remove());
  const stage = await setStageOnOwnPostgres({ behaviour: BEHAVIOUR, place: disk.dir });
  const programs = await sending(stage);
  disk.fill();
  const fillLog = () => stage.pool.query(`select pg_logical_emit_message(false, 'fill', repeat('x', 4000000))`);
  await expect
    .poll(
      () =>
        fillLog().then(
          () => stage.postgres.running,
          () => stage.postgres.running,
        ),
      { timeout: 20_000, interval: 1 },
    )
    .toBe(false);
  await expect(stage.postgres.start()).rejects.toThrow('No space left on device');
  const requests = await stage.quiet();
  expect(requests).toBeLessThan(CLIENTS);
  disk.makeRoom();
  await stage.postgres.start();
  await expectUnharmed(stage, programs);
}, 120_000);
