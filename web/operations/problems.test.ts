import { afterEach, describe, expect, it, vi } from 'vitest';
import type { HealthQuery } from '../generated/graphql.js';
import { askReadyz, findProblems } from './problems.js';

const worker = {
  ...{ id: 'a', role: 'all', host: 'box/1', version: '1.0.0', nodeVersion: 'v24' },
  ...{ startedAt: '2026-11-21T09:00:00Z', seenAt: '2026-11-21T09:00:00Z', silent: false },
};
const well: HealthQuery['health'] = {
  ...{ ready: true, version: '1.0.0', nodeVersion: 'v24', jobStore: 'postgres', asOf: '2026-11-21T09:00:00Z' },
  parts: [
    { name: 'database', works: true },
    { name: 'scheduler', works: true },
  ],
  database: { version: '18', answeredInMs: 2, sizeBytes: 1 },
  processes: [worker],
  settingsProblems: [],
  settingsNeedRestart: [],
};
const gateway = { name: 'GATEWAY', rateLimit: null, circuits: [] } as const;
const kinds = (health: Partial<HealthQuery['health']>, channels = [], isStopped = false) =>
  findProblems({ ...well, ...health }, channels, isStopped).map(({ kind }) => kind);

describe('what is wrong', () => {
  it('is nothing where everything works', () => {
    expect(findProblems(well, [{ ...gateway, circuits: [] }], false)).toEqual([]);
  });

  it('is a part that does not work, also one that this page does not know', () => {
    const parts = ['database', 'live', 'scheduler', 'coffee'].map((name) => ({ name, works: false }));
    expect(kinds({ parts })).toEqual(['database', 'live', 'scheduler', 'part']);
  });

  it('is that nobody is there to send: no process at all, or none but those that serve people, or silent ones', () => {
    expect(kinds({ processes: [] })).toEqual(['noWorker']);
    expect(kinds({ processes: [{ ...worker, role: 'api' }] })).toEqual(['noWorker']);
    expect(kinds({ processes: [{ ...worker, silent: true }] })).toEqual(['noWorker', 'silent']);
  });

  it('is settings that are wrong, or wait for a restart', () => {
    const settings = {
      settingsProblems: ['config.yaml:1:1 pont is no setting'],
      settingsNeedRestart: ['PORT', 'HOST'],
    };
    expect(findProblems({ ...well, ...settings }, [], false)).toEqual([
      { kind: 'settings', name: 'config.yaml:1:1 pont is no setting' },
      { kind: 'restart', name: 'PORT, HOST' },
    ]);
  });

  it('is a mixture of versions among those that live', () => {
    const old = { ...worker, id: 'b', version: '0.9.0' };
    expect(findProblems({ ...well, processes: [worker, old] }, [], false)).toEqual([
      { kind: 'versions', versions: '0.9.0, 1.0.0' },
    ]);
    expect(kinds({ processes: [worker, { ...old, silent: true }] })).toEqual(['silent']);
  });

  it('is a channel that sends nothing, said once however many workers find it so', () => {
    const circuit = { worker: 'a', openedAt: '', probeAt: '2026-11-21T09:01:00Z', reason: 'HTTP 401' };
    const circuits = [circuit, { ...circuit, worker: 'b' }];
    expect(findProblems(well, [{ ...gateway, circuits }], false)).toEqual([
      { kind: 'circuit', channel: 'GATEWAY', reason: 'HTTP 401', probeAt: '2026-11-21T09:01:00Z' },
    ]);
  });

  it('is that all sending is stopped, and a database that takes its time', () => {
    expect(kinds({ database: { ...well.database, answeredInMs: 501 } }, [], true)).toEqual(['stopped', 'slow']);
  });
});

describe('/readyz, while nobody can be let in', () => {
  afterEach(() => vi.unstubAllGlobals());

  it('tells the parts, with 503 as well', async () => {
    const body = JSON.stringify({ status: 'not ready', parts: { database: false, live: true } });
    vi.stubGlobal('fetch', async () => new Response(body, { status: 503 }));
    expect(await askReadyz()).toEqual([
      { name: 'database', works: false },
      { name: 'live', works: true },
    ]);
  });

  it('tells nothing where nobody answers', async () => {
    vi.stubGlobal('fetch', async () => {
      throw new TypeError('no connection');
    });
    expect(await askReadyz()).toBeNull();
  });
});
