import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import pg from 'pg';
import { expect, onTestFinished, test } from 'vitest';
import { startOwnPostgres } from './own-postgres.js';
import { makeSmallDisk } from './small-disk.js';

async function ask(url: string, sql: string): Promise<pg.QueryResultRow[]> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  try {
    return (await client.query(sql)).rows;
  } finally {
    await client.end();
  }
}

test('a Postgres of a test’s own keeps what was committed, however it is killed, on the same address', async () => {
  const dir = await mkdtemp(join(tmpdir(), 'heliograph-own-'));
  const postgres = await startOwnPostgres({ dir });
  onTestFinished(async () => {
    await postgres.stop();
    await rm(dir, { recursive: true, force: true });
  });
  await ask(postgres.url, 'create table kept (n int)');
  for (const [n, how] of (['immediate', 'SIGKILL'] as const).entries()) {
    await ask(postgres.url, `insert into kept values (${n})`);
    const before = postgres.pid;
    await postgres.kill(how);
    expect(postgres.running).toBe(false);
    await expect(ask(postgres.url, 'select 1')).rejects.toThrow('ECONNREFUSED');
    await postgres.start();
    expect(postgres.pid).not.toBe(before);
  }
  expect(await ask(postgres.url, 'select n from kept order by n')).toEqual([{ n: 0 }, { n: 1 }]);
});

test('a small disk is full when it says so, and has room again', async ({ skip }) => {
  const disk = await makeSmallDisk(8);
  if ('obstacle' in disk) return skip(disk.obstacle);
  onTestFinished(() => disk.remove());
  const write = () => writeFile(join(disk.dir, 'file'), Buffer.alloc(100_000));
  disk.fill();
  await expect(write()).rejects.toThrow('ENOSPC');
  disk.makeRoom();
  await write();
});
