import type pg from 'pg';
import { Arg, Ctx, Field, FieldResolver, Mutation, ObjectType, Query, Resolver, Root } from 'type-graphql';
import { Allow } from '../access/allow.js';
import type { RequestContext } from '../access/request-context.js';
import { DateTime } from '../graphql/scalars.js';
import { answer, UserError } from '../graphql/user-error.js';
import type { Logger } from '../platform/log.js';
import type { Scheduler } from '../scheduler/scheduler.js';
import { SendingStop } from './sending-stop.js';
import { checkReason, listStops, resumeSending, ringRunning, stopInForce, stopSending } from './sending-switch.js';

/** Stops that are shown. */
const SHOWN = 10;

/** Whether anything may be sent at all. */
@ObjectType({ description: 'Whether anything may be sent at all: one switch for all mailings.' })
export class Sending {
  @Field(() => Boolean, { description: 'Nothing is sent, of any mailing, until a person resumes it.' })
  readonly stopped: boolean;

  @Field(() => DateTime, { nullable: true, description: 'Since when; null: it is not stopped.' })
  readonly stoppedAt: Date | null;

  @Field(() => String, { nullable: true, description: 'By whom; null: it is not stopped.' })
  readonly stoppedBy: string | null;

  @Field(() => String, { nullable: true, description: "Why, in that person's words." })
  readonly reason: string | null;

  /** @param stop the one in force */
  constructor(stop: SendingStop | null) {
    this.stopped = stop !== null;
    this.stoppedAt = stop?.stoppedAt ?? null;
    this.stoppedBy = stop?.stoppedBy ?? null;
    this.reason = stop?.reason ?? null;
  }
}

/** What became of a turn of the switch. */
@ObjectType({ description: 'What became of a turn of the switch.', simpleResolvers: true })
export class SendingPayload {
  @Field(() => Sending, { nullable: true, description: 'How it stands now; null when there are user errors.' })
  sending!: Sending | null;

  @Field(() => [UserError], { description: 'Empty: it is done.' })
  userErrors!: UserError[];
}

/** What the switch works with. */
export interface SendingResolverOptions {
  pool: pg.Pool;
  scheduler: Pick<Scheduler, 'ring'>;
  log: Logger;
}

/** The switch that stops everything. */
@Resolver(() => Sending)
export class SendingResolver {
  constructor(private readonly options: SendingResolverOptions) {}

  @Allow('mailings:read')
  @Query(() => Sending, { description: 'Whether anything may be sent at all.' })
  async sending(): Promise<Sending> {
    return new Sending(await stopInForce(this.options.pool));
  }

  @FieldResolver(() => [SendingStop], { description: `The last ${SHOWN} stops, the newest first.` })
  history(@Root() _sending: Sending): Promise<SendingStop[]> {
    return listStops(this.options.pool, SHOWN);
  }

  @Allow('sending:control')
  @Mutation(() => SendingPayload, {
    description:
      'Stops all sending, of every mailing, at once: nothing is under way later than one time-out after it. Starts, ends and cancels go on. Done again it changes nothing: the first stop holds.',
  })
  async sendingStop(
    @Ctx() { actor }: RequestContext,
    @Arg('reason', () => String, { nullable: true, description: 'Shown wherever it is asked why nothing is sent.' })
    reason?: string | null,
  ): Promise<SendingPayload> {
    const { pool, log } = this.options;
    const { result, userErrors } = await answer(async () => {
      const { stop, isNew } = await stopSending(pool, actor, checkReason(reason));
      if (isNew) log.warn({ by: actor.name, reason: stop.reason }, 'all sending stopped');
      return new Sending(stop);
    });
    return Object.assign(new SendingPayload(), { sending: result, userErrors });
  }

  @Allow('sending:control')
  @Mutation(() => SendingPayload, {
    description:
      'All sending goes on, at once. Nothing changes where nothing is stopped. CONFLICT after a restore from a backup: how to go on is said on the command line.',
  })
  async sendingResume(@Ctx() { actor }: RequestContext): Promise<SendingPayload> {
    const { pool, scheduler, log } = this.options;
    const { result, userErrors } = await answer(async () => {
      if (await resumeSending(pool, actor)) {
        log.warn({ by: actor.name }, 'all sending resumed');
        await ringRunning(pool, scheduler);
      }
      return await this.sending();
    });
    return Object.assign(new SendingPayload(), { sending: result, userErrors });
  }
}
