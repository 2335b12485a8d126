import { createReadStream } from 'node:fs';
import { Readable } from 'node:stream';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { CLIENTS_FILE } from '../../examples/make-clients.js';
import { createTestDatabase, type TestDatabase } from '../testing/test-database.js';
import { type ImportResult, importClients } from './import-clients.js';

describe('importing clients', () => {
  let database: TestDatabase;
  beforeEach(async () => {
    database = await createTestDatabase();
  });
  afterEach(() => database.drop());

  const imported = (csv: string): Promise<ImportResult> => importClients(database.pool, Readable.from([csv]));

  async function clients() {
    const { rows } = await database.pool.query(
      `select phone, operator_code, tags, time_zone, attributes, revision from client where deleted_at is null order by id`,
    );
    return rows;
  }

  it('takes the ten thousand examples, and the same again without touching one', async () => {
    expect(await importClients(database.pool, createReadStream(CLIENTS_FILE))).toEqual({
      imported: 10_000,
      rejected: [],
    });
    expect(await importClients(database.pool, createReadStream(CLIENTS_FILE))).toEqual({
      imported: 10_000,
      rejected: [],
    });
    const { rows } = await database.pool.query(`select count(*)::int as n, max(revision) as revision from client`);
    expect(rows).toEqual([{ n: 10_000, revision: 1 }]);
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

  it('lays a line over the client with its phone, and writes a changed zone down', async () => {
    await imported('phone,time_zone,tags\n79161234567,Europe/Moscow,vip\n');
    await imported('phone,time_zone,tags\n79161234567,Asia/Omsk,new\n');
    expect(await clients()).toMatchObject([{ time_zone: 'Asia/Omsk', tags: ['new'], revision: 2 }]);
    const { rows } = await database.pool.query(`select kind, by, details from client_event`);
    expect(rows).toEqual([
      { kind: 'TIME_ZONE_CHANGED', by: 'import', details: { from: 'Europe/Moscow', to: 'Asia/Omsk' } },
    ]);
  });

  it('lets the last of several lines with one phone count', async () => {
    expect(await imported('phone,time_zone\n79161234567,Europe/Moscow\n+79161234567,Asia/Omsk\n')).toMatchObject({
      imported: 1,
    });
    expect(await clients()).toMatchObject([{ time_zone: 'Asia/Omsk' }]);
  });

  it('leaves wrong lines out, says line, column and what is wrong without repeating it, and takes the others', async () => {
    const { imported: count, rejected } = await imported(
      [
        'phone,operator_code,tags,time_zone,name',
        '79161234567,916,vip,Europe/Moscow,Анна',
        '12345,916,vip,Europe/Moscow,Анна',
        '79161234568,9166,vip,Mars/Phobos,Анна',
        '79161234569,916,vip,Europe/Moscow',
        `79161234570,916,${'x'.repeat(65)},Europe/Moscow,Анна`,
        ',916,vip,Europe/Moscow,Анна',
        '79161234571,916,vip,Europe/Moscow,Анна',
      ].join('\n'),
    );
    expect(count).toBe(2);
    expect(rejected.map(({ line, field }) => [line, field])).toEqual([
      [3, 'phone'],
      [4, 'operator_code'],
      [4, 'time_zone'],
      [5, ''],
      [6, 'tags'],
      [7, 'phone'],
    ]);
    expect(JSON.stringify(rejected)).not.toMatch(/12345|Phobos/);
  });

  it('rejects a line that is no CSV, and a quote that is never closed', async () => {
    const { imported: count, rejected } = await imported(
      'phone,time_zone\n79161234567,Europe/Moscow\n7916"1234568,Europe/Moscow\n79161234569,Asia/Omsk\n79161234570,"Asia/Om',
    );
    expect(count).toBe(2);
    expect(rejected.map(({ message }) => message)).toEqual(['is no readable CSV', 'is no readable CSV']);
  });

  it.each([
    ['', 'empty'],
    ['name,time_zone\nАнна,Europe/Moscow\n', '"phone"'],
    ['phone,time_zone,name,name\n79161234567,Europe/Moscow,a,b\n', 'two columns'],
  ])('refuses the file %j as a whole and imports nothing', async (csv, message) => {
    await expect(imported(csv)).rejects.toThrow(message);
    expect(await clients()).toEqual([]);
  });

  it('imports nothing when the source breaks', async () => {
    async function* broken() {
      yield 'phone,time_zone\n79161234567,Europe/Moscow\n';
      throw new Error('the disk is gone');
    }
    await expect(importClients(database.pool, Readable.from(broken()))).rejects.toThrow('the disk is gone');
    expect(await clients()).toEqual([]);
  });
});
