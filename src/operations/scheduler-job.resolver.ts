import { Arg, Field, Int, ObjectType, Query, Resolver } from 'type-graphql';
import { Allow } from '../access/allow.js';
import { AppError } from '../errors.js';
import { firstSchema, MAX_PAGE } from '../graphql/connection.js';
import { parseInput } from '../graphql/parse-input.js';
import { DateTime } from '../graphql/scalars.js';
import type { Logger } from '../platform/log.js';
import type { Scheduler } from '../scheduler/scheduler.js';

/** A job as the scheduler's store has it. */
@ObjectType({ description: 'A doorbell of the scheduler: it only says when somebody looks at what there is to do.' })
export class SchedulerJob {
  @Field(() => String, { description: 'What it does: `mailing.dispatch`, `sweep` …' })
  name!: string;

  @Field(() => String, { description: 'What it is about: `lane=1 mailingId=7`; empty: nothing in particular.' })
  key!: string;

  @Field(() => Boolean, { description: 'Somebody is at it.' })
  running!: boolean;

  @Field(() => String, { nullable: true, description: 'The process that is at it; null: nobody is.' })
  lockedBy!: string | null;

  @Field(() => DateTime, { nullable: true, description: 'Since when its lock holds; null: nobody is at it.' })
  lockedAt!: Date | null;

  @Field(() => DateTime, { nullable: true, description: 'When it runs next; null: when its run has ended, if at all.' })
  nextRunAt!: Date | null;

  @Field(() => DateTime, { nullable: true, description: 'When it ran last; null: not yet.' })
  lastRunAt!: Date | null;

  @Field(() => Int, { nullable: true, description: 'It runs again after so many ms; null: it does not by itself.' })
  everyMs!: number | null;

  @Field(() => Int, { description: 'How many times in a row it failed.' })
  failCount!: number;

  @Field(() => DateTime, { nullable: true, description: 'When it last failed; null: it did not, or went well since.' })
  failedAt!: Date | null;

  @Field(() => String, { nullable: true, description: 'Why it last failed.' })
  failReason!: string | null;
}

/** The jobs of the scheduler. */
@ObjectType({ description: 'The jobs of the scheduler.' })
export class SchedulerJobs {
  @Field(() => Int, { description: 'How many there are.' })
  total!: number;

  @Field(() => [SchedulerJob], {
    description: 'Those that run first, then those that failed, then by when they run next.',
  })
  jobs!: SchedulerJob[];
}

/** What the scheduler has before it. Read only: a job is a doorbell, and the sweep rings again for whatever was missed. */
@Resolver()
export class SchedulerJobResolver {
  constructor(private readonly options: { scheduler: Pick<Scheduler, 'jobs'>; log: Logger }) {}

  @Allow('access:admin')
  @Query(() => SchedulerJobs, { description: 'The jobs of the scheduler, to find out why something does not move.' })
  async schedulerJobs(
    @Arg('first', () => Int, { defaultValue: MAX_PAGE, description: `How many, 1 to ${MAX_PAGE}.` }) first: number,
  ): Promise<SchedulerJobs> {
    const most = parseInput(firstSchema, first, ['first']);
    return await this.options.scheduler.jobs(most).catch((error: unknown) => {
      this.options.log.warn({ err: error }, 'the jobs could not be listed');
      throw new AppError('UNAVAILABLE', 'The store of the jobs does not answer just now. Try again in a moment.');
    });
  }
}
