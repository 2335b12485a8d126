import { mkdtempSync, rmSync } from 'node:fs';
import { createServer as createHttpServer } from 'node:http';
import { type AddressInfo, createServer, type Server } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest';
import type { Config } from '../config.js';
import { beginLaunch, launchChunk } from '../sending/launch.js';
import { insertClients, insertMailing } from '../testing/rows.js';
import { runCli } from '../testing/run-cli.js';
import { createTestDatabase, type TestDatabase } from '../testing/test-database.js';
import type { Finding } from './doctor/check.js';
import { checkClock, checkZones, offsetOf } from './doctor/database.js';
import { checkMemory, checkNode } from './doctor/machine.js';

let database: TestDatabase;
let dataDir: string;
beforeAll(async () => {
  database = await createTestDatabase();
  dataDir = mkdtempSync(join(tmpdir(), 'heliograph-doctor-'));
});
afterAll(async () => {
  await database.drop();
  rmSync(dataDir, { recursive: true });
});

/** What the doctor says, by name. */
async function doctor(env: Record<string, string> = {}): Promise<{ code: number; by: Record<string, Finding> }> {
  const own = { DATABASE_URL: database.url, DATA_DIR: dataDir, PORT: '0', CHANNEL: 'console' };
  const { code, out } = await runCli(['doctor', '--json'], { env: { ...own, ...env } });
  const { ok, findings } = JSON.parse(out) as { ok: boolean; findings: Finding[] };
  expect(ok).toBe(code === 0);
  return { code, by: Object.fromEntries(findings.map((finding) => [finding.name, finding])) };
}

/** A server that only counts what it is sent. */
async function listen(): Promise<{ port: number; connections: number; bytes: number; server: Server }> {
  const seen = { port: 0, connections: 0, bytes: 0, server: createServer() };
  seen.server.on('connection', (socket) => {
    seen.connections += 1;
    socket.on('data', (piece) => {
      seen.bytes += piece.length;
    });
    socket.on('error', () => {});
  });
  await new Promise<void>((resolve) => seen.server.listen(0, '127.0.0.1', resolve));
  onTestFinished(() => new Promise((resolve) => seen.server.close(() => resolve())));
  seen.port = (seen.server.address() as AddressInfo).port;
  return seen;
}

describe('the doctor', () => {
  it('finds nothing that fails where all is well, and says what else is worth a look', async () => {
    const { code, by } = await doctor();
    expect(code).toBe(0);
    expect(Object.entries(by).filter(([, { state }]) => state === 'fail')).toEqual([]);
    expect(by['migrations']).toMatchObject({ state: 'ok', says: 'The schema is the newest.' });
    expect(by['processes']).toMatchObject({ state: 'warn', advice: 'npm start' });
    expect(by['timezones']?.says).toMatch(/PostgreSQL knows [1-9]\d\d of them/);
    expect(Object.keys(by)).toEqual([
      ...['node', 'memory', 'settings', 'disk', 'port', 'gateway', 'mail', 'database', 'migrations', 'connections'],
      ...['clock', 'timezones', 'scheduler', 'processes', 'sending', 'work', 'backup'],
    ]);
    // On a laptop it is no warning; both lead to the page.
    expect(by['backup']).toMatchObject({ state: 'hint', advice: expect.stringContaining('docs/backup.md') });
    const { by: inProduction } = await doctor({ NODE_ENV: 'production' });
    expect(inProduction['backup']).toMatchObject({ state: 'warn', advice: by['backup']?.advice });
    for (const { state, advice } of Object.values(by)) expect(advice === null).toBe(state === 'ok');
  });

  it('connects to the gateway and the mail server, and sends them nothing', async () => {
    const [gateway, mail] = [await listen(), await listen()];
    const { by } = await doctor({
      CHANNEL: 'gateway',
      GATEWAY_URL: `http://127.0.0.1:${gateway.port}`,
      SMTP_URL: `smtp://me:secret@127.0.0.1:${mail.port}`,
      MAIL_FROM: 'a@example.org',
    });
    expect([by['gateway']?.state, by['mail']?.state]).toEqual(['ok', 'ok']);
    expect([gateway.connections, gateway.bytes, mail.connections, mail.bytes]).toEqual([1, 0, 1, 0]);
    expect(JSON.stringify(by)).not.toContain('secret');
  });

  it('says what can not be reached, and what to do', async () => {
    const gone = await listen();
    gone.server.close();
    const { code, by } = await doctor({ CHANNEL: 'gateway', GATEWAY_URL: `http://127.0.0.1:${gone.port}` });
    expect(code).toBe(1);
    expect(by['gateway']).toMatchObject({
      state: 'fail',
      says: `127.0.0.1:${gone.port} can't be reached: ECONNREFUSED.`,
      advice: expect.stringContaining('GATEWAY_URL'),
    });
    const away = await doctor({ DATABASE_URL: 'postgres://me:secret@127.0.0.1:1/none' });
    expect(away.code).toBe(1);
    expect(away.by['database']?.says).toBe('DATABASE_URL: no PostgreSQL at 127.0.0.1:1 (connection refused).');
    const wrong = await doctor({ PORT: 'x' });
    expect(wrong.by['settings']).toMatchObject({ state: 'fail', advice: 'npm run cli -- config check' });
    const mongo = await doctor({ MONGO_URL: 'mongodb://me:secret@127.0.0.1:1/none' });
    expect(mongo.by['scheduler']).toMatchObject({ state: 'fail', advice: expect.stringContaining('MONGO_URL') });
    expect(JSON.stringify([away, mongo])).not.toContain('secret');
  });

  it('knows of a backup that was made by our command, for two days', async () => {
    const { pool } = database;
    await pool.query(
      `insert into audit_event (at, actor, actor_id, action, outcome)
       values (clock_timestamp() - interval '47 hours', 'cli', 'cli', 'databaseBackup', 'DONE')`,
    );
    expect((await doctor()).by['backup']).toMatchObject({ state: 'ok', says: '`backup` was used 47 hours ago.' });
    await pool.query(`update audit_event set at = at - interval '1 hour' where action = 'databaseBackup'`);
    expect((await doctor({ NODE_ENV: 'production' })).by['backup']).toMatchObject({ state: 'warn' });
  });

  it('says of a user who may make no tables that this is in the way', async () => {
    const url = new URL(database.url);
    const admin = database.pool;
    const name = `poor_${process.pid}`;
    await admin.query(`create role ${name} login password 'poor'`);
    onTestFinished(async () => void (await admin.query(`drop role ${name}`)));
    await admin.query('alter table mikro_orm_migrations rename to elsewhere');
    onTestFinished(async () => void (await admin.query('alter table elsewhere rename to mikro_orm_migrations')));
    [url.username, url.password] = [name, 'poor'];
    const env = { DATABASE_URL: url.href };
    const { by } = await doctor(env);
    expect(by['migrations']).toMatchObject({ state: 'fail', advice: expect.stringContaining('docs/deploy.md') });
    const { code, err } = await runCli(['migrate'], { env: { ...env, DATA_DIR: dataDir, CHANNEL: 'console' } });
    expect([code, err]).toEqual([2, expect.stringMatching(/^PostgreSQL says: permission denied .* docs\/deploy\.md/)]);
  });

  it('knows a process of the program on the port that has no note in the data folder', async () => {
    const server = createHttpServer((_request, response) =>
      response.writeHead(503).end('{"parts":{"database":false}}'),
    );
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    onTestFinished(() => new Promise((resolve) => server.close(() => resolve())));
    const { port } = server.address() as AddressInfo;
    expect((await doctor({ PORT: String(port) })).by['port']).toMatchObject({ state: 'ok' });
  });

  it('names the process that has the port', async () => {
    const { port } = await listen();
    const { by } = await doctor({ PORT: String(port) });
    expect(by['port']).toMatchObject({ state: 'warn', says: expect.stringContaining(`(process ${process.pid})`) });
  });

  it('sees migrations that are missing, and those of a newer version', async () => {
    const { pool } = database;
    await pool.query(`insert into mikro_orm_migrations (name) values ('29990101000000-later')`);
    expect((await doctor()).by['migrations']).toMatchObject({ state: 'warn', says: expect.stringContaining('later') });
    await pool.query(`delete from mikro_orm_migrations where name = '29990101000000-later'`);
    const { rows } = await pool.query(
      'delete from mikro_orm_migrations where id = (select max(id) from mikro_orm_migrations) returning *',
    );
    const { code, by } = await doctor();
    expect([code, by['migrations']?.advice]).toEqual([1, 'npm run cli -- migrate']);
    await pool.query('insert into mikro_orm_migrations (name, executed_at) values ($1, $2)', [
      rows[0].name,
      rows[0].executed_at,
    ]);
  });

  it('sees another version, a process that fell silent, a stop, and work that nobody does', async () => {
    const { pool } = database;
    const beat = (id: string, version: string, ago: string) =>
      pool.query(
        `insert into program_process (id, role, host, version, node_version, seen_at)
         values ($1, 'worker', $1, $2, 'v24', clock_timestamp() - $3::interval)`,
        [id, version, ago],
      );
    await beat('old', '0.0.1', '1 second');
    expect((await doctor()).by['processes']).toMatchObject({ state: 'warn', says: expect.stringContaining('0.0.1') });
    await insertClients(pool, 1);
    const id = await insertMailing(pool);
    await beginLaunch(pool, id);
    await launchChunk(pool, id, () => 1_000);
    await pool.query(`update message set due_at = clock_timestamp() - interval '5 minutes'`);
    expect((await doctor()).by['work']).toMatchObject({
      state: 'warn',
      says: expect.stringMatching(/^1 messages are due; the oldest for 3\d\d s\.$/),
    });
    await pool.query(`insert into sending_stop (stopped_by, reason) values ('cli', 'a wrong text')`);
    const { by } = await doctor();
    expect([by['sending']?.state, by['sending']?.advice, by['work']?.state]).toEqual([
      'warn',
      'npm run cli -- resume',
      'ok',
    ]);
  });

  it('holds clocks, time zones, memory and Node against what they should be', async () => {
    const { pool } = database;
    expect(await checkClock(pool)).toMatchObject({ state: 'ok' });
    expect(await checkClock(pool, () => Date.now() + 600_000)).toMatchObject({ state: 'warn' });
    const states = [2 ** 33, 2 ** 28, 2 ** 26].map((free) => checkMemory(free, 2 ** 34).state);
    expect(states).toEqual(['ok', 'warn', 'fail']);
    expect([checkNode('v24.1.0').state, checkNode('v22.9.0').state]).toEqual(['ok', 'fail']);
  });

  it('warns of time zones that differ where clients live, and of no others', async () => {
    const { pool } = database;
    const own = { databaseUrl: null };
    // No zone is a minute and a day ahead.
    const wrongOf = (wrong: string) => (zone: string, at: Date) => (zone === wrong ? 1_441 : offsetOf(zone, at));
    const check = (zone: string, config: Pick<Config, 'databaseUrl'> = own) => checkZones(pool, config, wrongOf(zone));
    await insertClients(pool, 1, { timeZone: 'Asia/Omsk' });
    expect(await check('Asia/Tomsk')).toMatchObject({ state: 'ok', says: expect.stringContaining('no client lives') });
    const told = await check('Asia/Omsk');
    expect(told).toMatchObject({ state: 'warn', says: expect.stringMatching(/differ now: Asia\/Omsk\.$/) });
    expect((await check('Asia/Omsk', { databaseUrl: database.url })).advice).not.toBe(told.advice);
    await pool.query(`update client set deleted_at = clock_timestamp() where time_zone = 'Asia/Omsk'`);
    expect(await check('Asia/Omsk')).toMatchObject({ state: 'ok' });
  });

  it('tells people line by line, in colours only on a terminal that has some', async () => {
    const env = { DATABASE_URL: database.url, DATA_DIR: dataDir, PORT: '0', CHANNEL: 'console' };
    const plain = await runCli(['doctor'], { env });
    expect(plain.out).toMatch(/^ok {4}node {9}Node v24/);
    expect(plain.out).toMatch(/^ {19}→ \S/m);
    expect(plain.out).toMatch(/\n\d+ checks: 0 fail, \d warn\.\n$/);
    expect(plain.out).not.toContain('\x1B[');
    expect((await runCli(['doctor'], { env, terminal: true })).out).toContain('\x1B[32mok');
    const without = await runCli(['doctor'], { env: { ...env, NO_COLOR: '1' }, terminal: true });
    expect(without.out).not.toContain('\x1B[');
  });
});
