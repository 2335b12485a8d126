import { expect, it } from 'vitest';
import { recordingLog } from '../testing/running-api.js';
import { SchedulerJobResolver } from './scheduler-job.resolver.js';

const { log, logged } = recordingLog();

it('asks for no more jobs than may be shown at once, and says so', async () => {
  const asked: number[] = [];
  const jobs = async (first: number) => {
    asked.push(first);
    return { jobs: [], total: 0 };
  };
  const resolver = new SchedulerJobResolver({ scheduler: { jobs }, log });
  for (const wrong of [0, 101]) {
    await expect(resolver.schedulerJobs(wrong)).rejects.toMatchObject({ code: 'BAD_USER_INPUT', field: 'first' });
  }
  await resolver.schedulerJobs(100);
  expect(asked).toEqual([100]);
});

it('says in plain words that the store of the jobs is away, and in the log why', async () => {
  const jobs = async () => {
    throw new Error('connect ECONNREFUSED 10.0.0.7:27017');
  };
  const refused = await new SchedulerJobResolver({ scheduler: { jobs }, log }).schedulerJobs(1).catch((error) => error);
  expect(refused).toMatchObject({ code: 'UNAVAILABLE', message: expect.not.stringContaining('10.0.0.7') });
  expect(logged()).toContain('ECONNREFUSED');
});
