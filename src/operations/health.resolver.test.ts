import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { type Person, signedIn } from '../testing/credentials.js';
import { type RunningApi, startApi } from '../testing/running-api.js';
import { startWorker } from '../testing/start-worker.js';
import { startHeartbeat } from './heartbeat.js';

let running: RunningApi;
let viewer: Person;
beforeAll(async () => {
  running = await startApi();
  viewer = await signedIn(running, 'viewer');
});
afterAll(() => running.close());
beforeEach(async () => void (await running.database.pool.query('delete from program_process')));

const PROCESSES = '{ health { processes { role host version nodeVersion startedAt seenAt silent } } }';
const processes = async () => (await running.ask(PROCESSES, {}, viewer.headers)).body.data.health.processes;

it('tells everybody who is signed in what /readyz says, which versions run, and how the database answers', async () => {
  const query = `{ health { ready parts { name works } version nodeVersion jobStore asOf
    database { version answeredInMs sizeBytes } } }`;
  const { health } = (await running.ask(query, {}, viewer.headers)).body.data;
  const { version } = JSON.parse(readFileSync(join(import.meta.dirname, '../../package.json'), 'utf8'));
  const { rows } = await running.database.pool.query('show server_version');
  expect(health).toMatchObject({
    ready: true,
    parts: [
      { name: 'database', works: true },
      { name: 'live', works: true },
    ],
    ...{ version, nodeVersion: process.version, jobStore: 'postgres' },
    database: { version: rows[0].server_version, answeredInMs: expect.any(Number) },
  });
  expect(health.database.sizeBytes).toBeGreaterThan(1_000_000);
});

describe('the processes of the program', () => {
  const start = (role: string) => startHeartbeat({ pool: running.database.pool, role, log: running.log });

  it('are shown while they live, and are gone when they ended in order', async () => {
    const ends = [start('worker'), start('api')];
    await expect
      .poll(async () => (await processes()).map(({ role }: { role: string }) => role).sort())
      .toEqual(['api', 'worker']);
    const [first] = await processes();
    expect(first).toMatchObject({ nodeVersion: process.version, silent: false });
    expect(first.host).toContain(`/${process.pid}`);
    for (const end of ends) await end();
    expect(await processes()).toEqual([]);
  });

  it('are shown as silent for ten minutes when they say nothing any more, and then forgotten', async () => {
    await running.database.pool.query(
      `insert into program_process (id, role, host, version, node_version, seen_at)
       select host, 'worker', host, '0.1.0', 'v24', clock_timestamp() - ago
       from (values ('alive', interval '10 seconds'), ('dead', interval '21 seconds'), ('gone', interval '11 minutes')) as p (host, ago)`,
    );
    const shown = (await processes()).map(({ host, silent }: { host: string; silent: boolean }) => [host, silent]);
    expect(shown.sort()).toEqual([
      ['alive', false],
      ['dead', true],
    ]);
    const stop = await startWorker({ databaseUrl: running.database.url, gatewayUrl: 'http://127.0.0.1:1' });
    const hosts = async () =>
      (await running.database.pool.query('select host from program_process order by host')).rows.map(
        ({ host }) => host,
      );
    await expect.poll(hosts, { timeout: 10_000 }).toEqual(['alive', 'dead']);
    await stop();
  });

  it('are shown before those that crashed at each of their starts, however many', async () => {
    await running.database.pool.query(
      `insert into program_process (id, role, host, version, node_version, started_at, seen_at)
       select n::text, 'worker', n::text, '0.1.0', 'v24', clock_timestamp() - ago, clock_timestamp() - ago + interval '1 second'
       from generate_series(1, 150) n cross join lateral (select interval '30 seconds' + n * interval '1 second') a (ago)
       union all
       select name, 'worker', name, '0.1.0', 'v24', clock_timestamp() - interval '1 day', clock_timestamp()
       from unnest(array['old', 'older']) name`,
    );
    const shown = await processes();
    expect(shown.slice(0, 3).map(({ silent }: { silent: boolean }) => silent)).toEqual([false, false, true]);
    expect(shown).toHaveLength(100);
  });
});
