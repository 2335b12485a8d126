import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { beginLaunch, launchChunk } from '../sending/launch.js';
import { insertClients, insertMailing } from '../testing/rows.js';
import { runCli } from '../testing/run-cli.js';
import { createTestDatabase, type TestDatabase } from '../testing/test-database.js';

let database: TestDatabase;
let env: Record<string, string>;
beforeAll(async () => {
  database = await createTestDatabase();
  env = { DATABASE_URL: database.url, CHANNEL: 'console' };
});
afterAll(() => database.drop());

const cli = (line: string, o = {}) => runCli(line.split(' '), { env, ...o });
const statusOf = async (id: string) =>
  (await database.pool.query(`select status from mailing where id = $1`, [id])).rows[0].status;

describe('the steps of a mailing', () => {
  it('are taken by the rules of the API, and are on record with what came of them', async () => {
    const { pool } = database;
    const id = await insertMailing(pool, { status: 'RUNNING' });
    const paused = await cli(`mailing pause ${id} --json`);
    expect(JSON.parse(paused.out)).toMatchObject({ id, status: 'PAUSED', progress: { total: 0 } });
    expect(await cli(`mailing resume ${id} --revision 7`)).toEqual({
      code: 2,
      out: '',
      err: 'Somebody edited this mailing: its revision is 1.\n',
    });
    expect((await cli(`mailing resume ${id} --revision 1`)).out).toContain('status    RUNNING');
    expect((await cli(`mailing cancel ${id}`)).code).toBe(0);
    expect(await statusOf(id)).toBe('CANCELLED');
    expect(await cli(`mailing start ${id}`)).toMatchObject({
      code: 2,
      err: 'This mailing is CANCELLED: it can only be deleted.\n',
    });
    const { rows } = await pool.query(
      'select actor, actor_id, action, subject_id, details, outcome from audit_event order by id',
    );
    const row = (action: string, outcome: string, fields = ['id']) => ({
      ...{ actor: 'cli', actor_id: 'cli', action, subject_id: id, details: { fields }, outcome },
    });
    expect(rows).toEqual([
      row('mailingPause', 'DONE'),
      row('mailingResume', 'REFUSED', ['id', 'revision']),
      row('mailingResume', 'DONE', ['id', 'revision']),
      row('mailingCancel', 'DONE'),
      row('mailingStart', 'REFUSED'),
    ]);
    const events = await pool.query('select kind, by from mailing_event where mailing_id = $1 order by id', [id]);
    expect(events.rows).toEqual(['PAUSED', 'RESUMED', 'CANCELLED'].map((kind) => ({ kind, by: 'cli' })));
  });

  it('are refused of what is not there, or is no number', async () => {
    for (const id of ['999', 'x', '0']) {
      expect(await cli(`mailing pause ${id}`)).toEqual({
        code: 2,
        out: '',
        err: 'There is no mailing with this id.\n',
      });
    }
    expect((await cli('mailing pause 1 --revision x')).err).toBe('--revision must be a whole number.\n');
    expect((await cli('mailing list --first 0')).err).toBe('--first must be a number from 1 to 9999.\n');
    expect((await cli('mailing list --status GONE')).err).toMatch(/^statuses\.0 must be one of DRAFT, /);
  });
});

describe('mailing watch', () => {
  beforeAll(() => insertClients(database.pool, 2, { tags: ['watched'] }));

  async function running(): Promise<{ id: string; finish(status: string): Promise<void> }> {
    const { pool } = database;
    const id = await insertMailing(pool, { filter: { tagsAny: ['watched'] } });
    await beginLaunch(pool, id);
    await launchChunk(pool, id, () => 1_000);
    return {
      id,
      async finish(status) {
        await pool.query(
          `update mailing set status = $2, open = 0, sent = 2, version = version + 1, finished_at = clock_timestamp() where id = $1`,
          [id, status],
        );
      },
    };
  }

  it('tells each change as a line, and ends with the mailing', async () => {
    const { id, finish } = await running();
    let finishing: Promise<void> | undefined;
    const watched = await cli(`mailing watch ${id} --json`, {
      onOut: () => {
        finishing ??= finish('COMPLETED');
      },
    });
    await finishing;
    const events = watched.out
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line));
    expect(events[0]).toMatchObject({ mailingId: id, status: 'RUNNING', open: 2, sent: 0 });
    expect(events.at(-1)).toMatchObject({ mailingId: id, status: 'COMPLETED', open: 0, sent: 2 });
    expect(watched).toMatchObject({ code: 0, err: '' });
    expect(await cli(`mailing watch ${id}`)).toEqual({ code: 0, out: '2 of 2  2 sent  completed\n', err: '' });
  });

  it('says by its exit code that a mailing was cancelled', async () => {
    const { id, finish } = await running();
    await finish('CANCELLED');
    expect(await cli(`mailing watch ${id}`)).toMatchObject({ code: 1, out: '2 of 2  2 sent  cancelled\n' });
  });

  it('draws a bar on a terminal, and leaves on Ctrl-C while the mailing goes on', async () => {
    const { id } = await running();
    const pressed = new AbortController();
    const watched = await cli(`mailing watch ${id}`, {
      terminal: true,
      stop: pressed.signal,
      onOut: (text: string) => void (text.includes('0 sent') && pressed.abort()),
    });
    expect(watched.code).toBe(1);
    expect(watched.out).toMatch(/test ░{24} 0 %/);
    // The cursor is there again.
    expect(watched.out).toContain('\x1B[?25h');
    expect(await statusOf(id)).toBe('RUNNING');
  });
});
