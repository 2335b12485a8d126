import fastify, { type FastifyInstance } from 'fastify';
import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { type Probes, Readiness } from '../operations/readiness.js';
import { addHealth } from './health.js';

let app: FastifyInstance;
beforeEach(() => {
  app = fastify();
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
});
afterEach(async () => {
  vi.useRealTimers();
  await app.close();
});

let stopped = false;
const serve = (probes: Probes) => addHealth(app, new Readiness(probes, async () => stopped));
const ready = async () => (await app.inject('/readyz')).json().parts;

it('a part is asked once for all who want to know within a second, and then anew', async () => {
  let asked = 0;
  let works = true;
  serve({
    database: async () => {
      asked += 1;
      return works;
    },
  });
  expect(await Promise.all(Array.from({ length: 50 }, ready))).toEqual(Array(50).fill({ database: true }));
  works = false;
  vi.advanceTimersByTime(999);
  expect([await ready(), asked]).toEqual([{ database: true }, 1]);
  vi.advanceTimersByTime(1);
  expect([await ready(), asked]).toEqual([{ database: false }, 2]);
});

it('a part that does not answer within two seconds is not ready, and may be again', async () => {
  let asked = 0;
  const begun = Promise.withResolvers<void>();
  serve({
    database: () => {
      asked += 1;
      begun.resolve();
      return asked === 1 ? new Promise(() => {}) : true;
    },
  });
  const slow = app.inject('/readyz');
  slow.catch(() => {});
  await begun.promise;
  vi.advanceTimersByTime(2_000);
  const answer = await slow;
  const reasons = { database: 'It does not answer.' };
  expect([answer.statusCode, answer.json()]).toEqual([
    503,
    { status: 'not ready', parts: { database: false }, reasons },
  ]);
  vi.advanceTimersByTime(1_000);
  expect(await ready()).toEqual({ database: true });
});

it('that all sending is stopped is said, and takes nothing away', async () => {
  serve({ database: () => true });
  stopped = true;
  const answer = await app.inject('/readyz');
  expect([answer.statusCode, answer.json()]).toEqual([
    200,
    { status: 'ready', parts: { database: true }, sending: 'stopped' },
  ]);
  stopped = false;
  vi.advanceTimersByTime(1_000);
  expect((await app.inject('/readyz')).json()).toEqual({ status: 'ready', parts: { database: true } });
});

it('a part that does not work says what follows, and whoever can do without it may leave it out', async () => {
  let scheduler: true | string = 'MongoDB is away.';
  serve({ database: () => true, scheduler: () => scheduler });
  const look = async (path: string) => {
    const answer = await app.inject(path);
    return [answer.statusCode, answer.json().status, answer.json().reasons];
  };
  const reasons = { scheduler: 'MongoDB is away.' };
  expect(await look('/readyz')).toEqual([503, 'not ready', reasons]);
  expect(await look('/readyz?exclude=scheduler')).toEqual([200, 'ready', reasons]);
  expect(await look('/readyz?exclude=live&exclude=scheduler')).toEqual([200, 'ready', reasons]);
  expect(await look('/readyz?exclude=database')).toEqual([503, 'not ready', reasons]);
  expect(await look('/readyz?exclude=schedulers')).toEqual([503, 'not ready', reasons]);
  scheduler = true;
  vi.advanceTimersByTime(1_000);
  expect(await look('/readyz')).toEqual([200, 'ready', undefined]);
});
