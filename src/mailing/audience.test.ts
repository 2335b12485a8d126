import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createTestApi, type TestApi } from '../testing/api.js';
import { ApiCalls, campaign } from '../testing/api-calls.js';
import { insertClients } from '../testing/rows.js';

let api: TestApi;
let calls: ApiCalls;

beforeAll(async () => {
  api = await createTestApi();
  calls = new ApiCalls(api);
  const { pool } = api.database;
  await insertClients(pool, 3, { operatorCode: '916', tags: ['vip', 'new'], timeZone: 'Europe/Moscow' });
  await insertClients(pool, 2, { operatorCode: '925', tags: ['vip'], timeZone: 'Asia/Omsk' });
});
afterAll(() => api.close());

describe('the audience', () => {
  it('is said when the filter matches nobody, and that is no error', async () => {
    const { mailing, audienceCount, warnings, userErrors } = await calls.createMailing(
      campaign({ filter: { operatorCodes: ['916'], timeZones: ['Asia/Omsk'] } }),
    );
    expect(mailing?.status).toBe('SCHEDULED');
    expect({ audienceCount, userErrors }).toEqual({ audienceCount: 0, userErrors: [] });
    expect(warnings).toEqual([{ field: 'filter', code: 'EMPTY_AUDIENCE', message: 'The filter matches nobody.' }]);
  });

  it('is warned of for each value that no client has', async () => {
    const filter = {
      operatorCodes: ['916', '999'],
      tagsAny: ['vip', 'nobody'],
      tagsAll: ['none'],
      timeZones: ['Europe/Moscow', 'Asia/Tokyo'],
    };
    const { warnings } = await calls.createMailing(campaign({ filter }));
    expect(warnings.map(({ field, code }) => [field, code])).toEqual([
      ['filter.operatorCodes.1', 'UNUSED_VALUE'],
      ['filter.tagsAny.1', 'UNUSED_VALUE'],
      ['filter.tagsAll.0', 'UNUSED_VALUE'],
      ['filter.timeZones.1', 'UNUSED_VALUE'],
      ['filter', 'EMPTY_AUDIENCE'],
    ]);
  });

  it('is warned of at the place where the caller wrote the value, doubles before it or not', async () => {
    const filter = { tagsAny: ['vip', ' vip', 'no-such', 'no-such', 'nobody'] };
    const { mailing, warnings } = await calls.createMailing(campaign({ filter }));
    expect(mailing?.filter).toMatchObject({ tagsAny: ['vip', 'no-such', 'nobody'] });
    expect(warnings.map(({ field }) => field)).toEqual(['filter.tagsAny.2', 'filter.tagsAny.4']);
    const id = mailing?.id ?? expect.fail('no mailing');
    const edited = await calls.updateMailing(id, {
      filter: { timeZones: ['Europe/Moscow', 'europe/moscow', 'Asia/Tokyo'] },
    });
    expect(edited.warnings.map(({ field }) => field)).toEqual(['filter.timeZones.2']);
  });

  it('does not count those who opted out or were deleted', async () => {
    const { pool } = api.database;
    await insertClients(pool, 3, { tags: ['leaving'] });
    await pool.query(
      `update client set opted_out_at = now() where id = (select min(id) from client where tags @> '{leaving}')`,
    );
    await pool.query(
      `update client set deleted_at = now() where id = (select max(id) from client where tags @> '{leaving}')`,
    );
    expect((await calls.createMailing(campaign({ filter: { tagsAny: ['leaving'] } }))).audienceCount).toBe(1);
  });
});
