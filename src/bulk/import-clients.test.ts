import { createReadStream } from 'node:fs';
import { Readable } from 'node:stream';
import { afterAll, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';
import { CLIENTS_FILE } from '../../examples/make-clients.js';
import type { RequestContext } from '../access/request-context.js';
import { createTestDatabase, type TestDatabase } from '../testing/test-database.js';
import type { ClientJob } from './client-job.js';
import { ClientJobResolver, type ClientJobResolverOptions } from './client-job.resolver.js';
import { findJob, rejectedLines } from './client-jobs.js';
import { importClients } from './import-clients.js';

describe('importing clients', () => {
  let database: TestDatabase;
  beforeAll(async () => {
    database = await createTestDatabase();
  });
  beforeEach(() => database.pool.query('truncate client, client_job, client_job_row restart identity cascade'));
  afterAll(() => database.drop());

  const imported = (csv: string | Buffer, options: object = {}) =>
    importClients(database.pool, Readable.from(inPieces(Buffer.from(csv))), options);

  /** What it came to, in counts. */
  async function counts(csv: string, options: object = {}) {
    const { jobId } = await imported(csv, options);
    const { total, done, created, updated, unchanged, duplicates, failed } = await findJob(database.pool, jobId);
    return { total, done, created, updated, unchanged, duplicates, failed };
  }

  /** Line, field and message of all that was left out. */
  async function rejects(csv: string | Buffer, options: object = {}) {
    const { jobId } = await imported(csv, options);
    const [lines = []] = await rejectedLines(database.pool, [jobId], 1_000);
    return lines.flatMap(({ line, problems }) => problems.map(({ field, message }) => [line, field, message]));
  }

  async function clients() {
    const { rows } = await database.pool.query(
      `select phone, operator_code, tags, time_zone, attributes, revision from client where deleted_at is null order by id`,
    );
    return rows;
  }

  it('takes the ten thousand examples, and the same again without touching one', async () => {
    expect(await importClients(database.pool, createReadStream(CLIENTS_FILE))).toMatchObject({
      imported: 10_000,
      failed: 0,
    });
    expect(await importClients(database.pool, createReadStream(CLIENTS_FILE))).toMatchObject({
      imported: 10_000,
      failed: 0,
    });
    const { rows } = await database.pool.query(`select count(*)::int as n, max(revision) as revision from client`);
    expect(rows).toEqual([{ n: 10_000, revision: 1 }]);
    expect((await database.pool.query('select from client_job_row')).rowCount).toBe(0);
  });

  it('takes phones as people write them, takes the operator code from them, parts tags and keeps other columns', async () => {
    await imported(
      '\uFEFFphone,tags,time_zone,name,motto\n8 (916) 123-45-67,"vip; a ""b"" \\c|vip",europe/moscow,Анна,"two\nlines\tand \\n"\n',
    );
    expect(await clients()).toEqual([
      {
        phone: '79161234567',
        operator_code: '916',
        tags: ['vip', 'a "b" \\c'],
        time_zone: 'Europe/Moscow',
        attributes: { name: 'Анна', motto: 'two\nlines\tand \\n' },
        revision: 1,
      },
    ]);
  });

  it('writes a changed zone down, and nothing when all is the same', async () => {
    await imported('phone,time_zone,tags\n79161234567,Europe/Moscow,vip\n');
    await imported('phone,time_zone,tags\n79161234567,Asia/Omsk,new\n');
    await imported('phone,time_zone,tags\n79161234567,Asia/Omsk,new\n');
    expect(await clients()).toMatchObject([{ time_zone: 'Asia/Omsk', tags: ['new'], revision: 2 }]);
    const { rows } = await database.pool.query(`select kind, by, details from client_event`);
    expect(rows).toEqual([
      { kind: 'TIME_ZONE_CHANGED', by: 'import', details: { from: 'Europe/Moscow', to: 'Asia/Omsk' } },
    ]);
  });

  describe('where a client with the phone is there already', () => {
    const BEFORE = 'phone,time_zone,tags,city,name\n79161234567,Asia/Omsk,old,Omsk,Anna\n';
    const FILE = 'phone,time_zone,tags,city\n79161234567,Europe/Moscow,new,\n79160000001,Europe/Moscow,,Tver\n';
    const NEW = { phone: '79160000001', tags: [], attributes: { city: 'Tver' } };

    it.each([
      ['keep', { time_zone: 'Asia/Omsk', tags: ['old'], attributes: { city: 'Omsk', name: 'Anna' }, revision: 1 }],
      ['overwrite', { time_zone: 'Europe/Moscow', tags: ['new'], attributes: { name: 'Anna' }, revision: 2 }],
      [
        'merge',
        { time_zone: 'Europe/Moscow', tags: ['old', 'new'], attributes: { city: 'Omsk', name: 'Anna' }, revision: 2 },
      ],
    ])('%s does what it says, and leaves alone what the file has no column for', async (onConflict, then) => {
      await imported(BEFORE);
      await imported(FILE, { onConflict });
      expect(await clients()).toMatchObject([then, NEW]);
    });

    it.each([
      ['keep', { time_zone: 'Europe/Moscow', tags: ['a'], attributes: { city: 'Tver' } }],
      ['overwrite', { time_zone: 'Asia/Omsk', tags: ['b'], attributes: { name: 'Eva' } }],
      ['merge', { time_zone: 'Asia/Omsk', tags: ['a', 'b'], attributes: { city: 'Tver', name: 'Eva' } }],
    ])(
      'of several lines with one phone %s makes one client, and counts the others as duplicates',
      async (onConflict, then) => {
        const csv =
          'phone,time_zone,tags,city,name\n79161234567,Europe/Moscow,a,Tver,\n79160000001,Asia/Omsk,,,\n+79161234567,Asia/Omsk,b,,Eva\n';
        expect(await counts(csv, { onConflict, dryRun: true })).toMatchObject({ created: 2, duplicates: 1 });
        expect(await counts(csv, { onConflict })).toMatchObject({ created: 2, duplicates: 1, total: 3, done: 3 });
        expect(await clients()).toMatchObject([then, { phone: '79160000001' }]);
      },
    );

    it('never brings back who opted out', async () => {
      await imported(BEFORE);
      await database.pool.query('update client set opted_out_at = clock_timestamp()');
      await imported(FILE);
      const { rows } = await database.pool.query(
        'select opted_out_at is not null as out from client order by id limit 1',
      );
      expect(rows).toEqual([{ out: true }]);
    });

    describe('who opted out and was deleted', () => {
      beforeEach(async () => {
        await imported(BEFORE);
        await database.pool.query(
          `update client set opted_out_at = '2026-01-02T03:04:05Z', deleted_at = clock_timestamp()`,
        );
      });
      const OUT = [{ phone: '79161234567', since: new Date('2026-01-02T03:04:05Z'), revision: 1 }];
      const optedOut = async () =>
        (
          await database.pool.query(
            'select phone, opted_out_at as since, revision from client where deleted_at is null and opted_out_at is not null',
          )
        ).rows;
      const found = async (options: object) =>
        (await findJob(database.pool, (await imported(FILE, options)).jobId)).optedOut;

      it.each(['keep', 'overwrite', 'merge'])('is opted out still, and counted, with %s', async (onConflict) => {
        expect(await found({ onConflict, dryRun: true })).toBe(1);
        expect([await optedOut(), (await database.pool.query('select from client_event')).rowCount]).toEqual([[], 0]);
        expect(await found({ onConflict })).toBe(1);
        expect(await optedOut()).toEqual(OUT);
        const { rows } = await database.pool.query('select kind, by, details from client_event');
        expect(rows).toMatchObject([{ kind: 'OPTED_OUT', by: 'import', details: { formerClientId: '1' } }]);
        expect(await found({ onConflict })).toBe(0);
      });

      it('stays so when that happens while the batch is under way', async () => {
        await database.pool.query('truncate client cascade');
        const other = await database.pool.connect();
        try {
          await other.query('begin');
          await other.query(
            `insert into client (phone, operator_code, time_zone) values ('79161234567', '916', 'UTC')`,
          );
          const importing = imported(FILE);
          const waiting = `select from pg_stat_activity where datname = current_database() and wait_event_type = 'Lock'`;
          await expect.poll(async () => (await database.pool.query(waiting)).rowCount).toBe(1);
          await other.query(`update client set opted_out_at = '2026-01-02T03:04:05Z', deleted_at = clock_timestamp()`);
          await other.query('commit');
          await importing;
          expect(await optedOut()).toEqual(OUT);
        } finally {
          other.release();
        }
      });
    });

    it('leaves a line out that would give a client too many tags, and says so', async () => {
      const tags = (from: number) => Array.from({ length: 30 }, (_, n) => `t${from + n}`).join(';');
      await imported(`phone,time_zone,tags\n79161234567,Europe/Moscow,${tags(0)}\n`);
      const more = `phone,time_zone,tags\n79161234567,Europe/Moscow,${tags(30)}\n79160000001,Europe/Moscow,x\n79161234567,,x\n`;
      expect(await counts(more, { onConflict: 'merge', timeZone: 'Asia/Omsk', dryRun: true })).toMatchObject({
        created: 1,
        failed: 2,
      });
      expect(await rejects(more, { onConflict: 'merge', timeZone: 'Asia/Omsk' })).toEqual([
        [2, 'tags', 'The client would have more than 50 tags.'],
        [4, 'tags', 'The client would have more than 50 tags.'],
      ]);
      expect(await clients()).toMatchObject([{ revision: 1 }, { phone: '79160000001' }]);
    });
  });

  it('counts the same in a dry run, over several batches, and writes nothing', async () => {
    const line = (n: number) =>
      `7916${String(n % 4_000).padStart(7, '0')},${n % 7 === 0 ? 'Mars' : 'Europe/Moscow'},t${n % 3}\n`;
    const csv = `phone,time_zone,tags\n${Array.from({ length: 6_000 }, (_, n) => line(n)).join('')}`;
    await imported(
      'phone,time_zone,tags\n79160000001,Europe/Moscow,t1\n79160000002,Asia/Omsk,t2\n79160003999,Asia/Omsk,\n',
    );
    const dry = await counts(csv, { onConflict: 'merge', dryRun: true });
    expect(await clients()).toHaveLength(3);
    expect((await database.pool.query('select from client_event')).rowCount).toBe(0);
    expect(await counts(csv, { onConflict: 'merge' })).toEqual(dry);
    const { total, done, created, updated, unchanged, duplicates, failed } = dry;
    expect({ total, done, failed }).toEqual({ total: 6_000, done: 6_000, failed: 858 });
    expect(created + updated + unchanged + duplicates + failed).toBe(6_000);
    expect(await clients()).toHaveLength(3 + created);
  });

  it('leaves wrong lines out, says line, column and what is wrong without repeating it, and takes the others', async () => {
    const csv = [
      'phone,operator_code,tags,time_zone,name',
      '79161234567,916,vip,Europe/Moscow,Анна',
      '12345,916,vip,Europe/Moscow,Анна',
      '79161234568,9166,vip,Mars/Phobos,Анна',
      '79161234569,916,vip,Europe/Moscow',
      `79161234570,916,${'x'.repeat(65)},Europe/Moscow,Анна`,
      ',916,vip,Europe/Moscow,Анна',
      '79161234571,916,vip,Europe/Moscow,Анна',
      '79161234572,916,vip,,Анна',
      '79161234573,916,vip,Europe/Moscow,\0',
    ].join('\n');
    const found = await rejects(csv);
    expect(found.map(([line, field]) => [line, field])).toEqual([
      [3, 'phone'],
      [4, 'operator_code'],
      [4, 'time_zone'],
      [5, ''],
      [6, 'tags'],
      [7, 'phone'],
      [9, 'time_zone'],
      [10, 'name'],
    ]);
    expect(JSON.stringify(found)).not.toMatch(/12345|Phobos/);
    expect(await clients()).toHaveLength(2);
  });

  it('counts lines as the file has them, whatever quoted cells, blank lines and line ends there are', async () => {
    const csv =
      'phone,time_zone,note\r\n79161234567,Europe/Moscow,"a\r\nb\nc"\r\n\r\n;;\r\n1,Europe/Moscow,"x\r\ny"\r\n2,Europe/Moscow,\r\n';
    expect((await rejects(csv)).map(([line, field]) => [line, field])).toEqual([
      [6, ''],
      [7, 'phone'],
      [9, 'phone'],
    ]);
  });

  it('leaves out only the line with a quote that is not closed, and a torn last line', async () => {
    const csv = [
      'phone,time_zone,name',
      '79161234567,Europe/Moscow,"Anna',
      '79161234568,Europe/Moscow,Eva',
      '"79161234569"x,Asia/Omsk,Ida',
      '79161234570,Europe/Moscow,"Mia"',
      '79161234571,Europe/Mos',
    ].join('\n');
    expect((await rejects(csv)).map(([line, field, message]) => [line, field, String(message).slice(0, 18)])).toEqual([
      [2, '', 'The line is no CSV'],
      [4, '', 'The line is no CSV'],
      [6, '', 'The line has 2 cel'],
    ]);
    expect((await clients()).map(({ phone }) => phone)).toEqual(['79161234568', '79161234570']);
  });

  it('says of a line that is too long that it is, quoted or not', async () => {
    const long = 'x'.repeat(70_000);
    const csv = `phone,time_zone,name\n1,UTC,${long}\n2,UTC,"${long}"\n79161234567,UTC,Anna\n`;
    const message = 'The line has more than 65,536 characters.';
    expect(await rejects(csv)).toEqual([2, 3].map((line) => [line, '', message]));
    expect(await clients()).toHaveLength(1);
  });

  it('takes columns for what the mapping says, and zones from the option where a line has none', async () => {
    await imported('Телефон;Имя;Дата рождения;;Зона\n8 916 123-45-67;Анна;1.1.2000;x;\n', {
      map: ['Телефон:phone', 'Имя:name', 'Дата рождения:-', 'Зона:time_zone'],
      timeZone: 'asia/omsk',
    });
    expect(await clients()).toMatchObject([
      { phone: '79161234567', time_zone: 'Asia/Omsk', attributes: { name: 'Анна' } },
    ]);
  });

  it('takes a column for an attribute, though its name is one that every object has', async () => {
    await imported('phone,time_zone,constructor\n79161234567,Europe/Moscow,Acme\n');
    expect(await clients()).toMatchObject([{ attributes: { constructor: 'Acme' } }]);
  });

  it('leaves an attribute the number or truth that it is where it reads the same, whether others change or not', async () => {
    const csv = (name: string) => `phone,time_zone,age,vip,name,city\n79161234567,Europe/Moscow,5,false,${name},\n`;
    await imported(csv('Anna'));
    await database.pool.query(
      `update client set attributes = '{"age": 5, "vip": false, "name": "Anna", "city": "Omsk"}'`,
    );
    await imported(csv('Eva'));
    expect(await clients()).toMatchObject([{ attributes: { age: 5, vip: false, name: 'Eva' }, revision: 2 }]);
    expect(await counts(csv('Eva'))).toMatchObject({ unchanged: 1, updated: 0 });
  });

  it('names no column where all attributes together are too many', async () => {
    const names = Array.from({ length: 51 }, (_, n) => `a${n}`);
    const csv = `id,phone,time_zone,${names}\n1,79161234567,Europe/Moscow,${names}\n`;
    expect(await rejects(csv)).toEqual([[2, '', 'attributes must have at most 50 names.']]);
  });

  it('makes one client of a file whose lines all have one phone, its tags in their order', async () => {
    const lines = Array.from({ length: 4_100 }, (_, n) => `79161234567,Europe/Moscow,t${n % 40};b\n`).join('');
    expect(await counts(`phone,time_zone,tags\n${lines}`, { onConflict: 'merge' })).toMatchObject({
      ...{ created: 1, duplicates: 4_099, failed: 0 },
    });
    expect((await clients())[0].tags.slice(0, 4)).toEqual(['t0', 'b', 't1', 't2']);
  });

  it.each([
    ['', {}, 'empty'],
    ['name,time_zone\nАнна,Europe/Moscow\n', {}, '"phone"'],
    ['phone,name\n79161234567,Анна\n', {}, '"time_zone"'],
    ['phone,time_zone,name,name\n79161234567,Europe/Moscow,a,b\n', {}, 'two columns'],
    ['phone,time_zone,tag,tags\n79161234567,Europe/Moscow,a,b\n', {}, 'two columns'],
    ['phone,time_zone,date of birth\n79161234567,Europe/Moscow,1.1.2000\n', {}, 'Column 3'],
    ['phone,time_zone\n79161234567,Europe/Moscow\n', { map: ['Телефон:phone'] }, 'map.0'],
    ['phone,"time_zone\n79161234567,Europe/Moscow\n', {}, 'first line'],
  ])('refuses the file %j as a whole and keeps nothing of it', async (csv, options, message) => {
    await expect(imported(csv, options)).rejects.toThrow(message);
    const { rows } = await database.pool.query(
      'select (select count(*) from client_job)::int + (select count(*) from client_job_row)::int as n',
    );
    expect(rows).toEqual([{ n: 0 }]);
  });

  it('gives the rejected lines of many jobs of one request with one statement, of each as many as asked for', async () => {
    const first = await imported('phone,time_zone\n1,UTC\n2,UTC\n');
    const second = await imported('phone,time_zone\n79161234567,UTC\n3,UTC\n');
    const resolver = new ClientJobResolver({ pool: database.pool } as ClientJobResolverOptions);
    const query = vi.spyOn(database.pool, 'query');
    const context = {} as RequestContext;
    const linesOf = async (id: string, most: number) =>
      (await resolver.problems({ id } as ClientJob, most, context)).map(({ line }) => line);
    const asked = [linesOf(first.jobId, 20), linesOf(second.jobId, 20), linesOf(first.jobId, 1)];
    expect(await Promise.all(asked)).toEqual([[2, 3], [3], [2]]);
    expect(query).toHaveBeenCalledOnce();
    query.mockRestore();
  });

  it('keeps nothing when the source breaks', async () => {
    async function* broken() {
      yield Buffer.from('phone,time_zone\n79161234567,Europe/Moscow\n');
      throw new Error('the disk is gone');
    }
    await expect(importClients(database.pool, Readable.from(broken()))).rejects.toThrow('the disk is gone');
    expect((await database.pool.query('select from client_job')).rowCount).toBe(0);
  });

  const SAMPLE = 'phone,time_zone,name\n79161234567,Europe/Moscow,Анна Ёлкина\n';
  it.each([
    ['UTF-8', Buffer.from(SAMPLE)],
    ['UTF-8 with its mark', Buffer.from(`\uFEFF${SAMPLE}`)],
    ['UTF-16LE with its mark', Buffer.from(`\uFEFF${SAMPLE}`, 'utf16le')],
    ['UTF-16LE', Buffer.from(SAMPLE, 'utf16le')],
    ['UTF-16BE with its mark', Buffer.from(`\uFEFF${SAMPLE}`, 'utf16le').swap16()],
    ['UTF-16BE', Buffer.from(SAMPLE, 'utf16le').swap16()],
    ['Windows-1251', windows1251(SAMPLE)],
  ])('finds out that a file is %s, a byte at a time as well', async (_name, bytes) => {
    await imported(bytes);
    await importClients(database.pool, Readable.from([...bytes].map((byte) => Buffer.from([byte]))));
    expect(await clients()).toMatchObject([{ attributes: { name: 'Анна Ёлкина' }, revision: 1 }]);
  });

  it('says which cell is no text, where the encoding is another one later on', async () => {
    const plain = `phone,time_zone,name\n${'79161234567,Europe/Moscow,Anna\n'.repeat(3_000)}`;
    const file = Buffer.concat([Buffer.from(plain), windows1251('79161234568,Europe/Moscow,Анна\n')]);
    expect(await rejects(file)).toEqual([
      [3_002, 'name', 'The cell has bytes that are no text in the encoding of the file.'],
    ]);
    expect(await rejects(file, { encoding: 'windows-1251' })).toEqual([]);
  });
});

function inPieces(file: Buffer): Buffer[] {
  return Array.from({ length: Math.ceil(file.length / 16_384) }, (_, n) => file.subarray(n * 16_384, (n + 1) * 16_384));
}

/** Cyrillic letters and ASCII. */
function windows1251(text: string): Buffer {
  const special: Record<string, number> = { Ё: 0xa8, ё: 0xb8 };
  return Buffer.from(
    [...text].map((character) => {
      const code = character.codePointAt(0)!;
      return special[character] ?? (code < 0x80 ? code : code - 0x410 + 0xc0);
    }),
  );
}
