import type { EntityManager } from '@mikro-orm/postgresql';
import { Arg, Ctx, FieldResolver, ID, Int, Mutation, Query, Resolver, Root } from 'type-graphql';
import type { By } from '../access/actor.js';
import { Allow } from '../access/allow.js';
import type { RequestContext } from '../access/request-context.js';
import type { ChannelName } from '../channel/channel.js';
import { idempotencyKeyArg, keyedCall } from '../graphql/idempotency-key.js';
import type { TimeZoneList, TimeZones } from '../graphql/time-zones.js';
import { answer } from '../graphql/user-error.js';
import { callersPlaces, type PlaceOf } from './audience.inputs.js';
import { createMailing, updateMailing } from './edit-mailing.js';
import {
  cancelMailing,
  deleteMailing,
  pauseMailing,
  resumeMailing,
  scheduleMailing,
  startMailing,
} from './lifecycle.js';
import type { LifecycleParts } from './lifecycle-parts.js';
import { MailingInput, parseMailingChanges, parseNewMailing } from './mailing.inputs.js';
import { Mailing } from './mailing.js';
import { MailingPayload } from './mailing.payload.js';
import { findMailing } from './mailings.js';
import { Progress } from './progress.js';
import type { ProgressReader } from './progress-reader.js';
import { Waiting } from './waiting.js';

/** What the fields and mutations of mailings work with. */
export interface MailingResolverOptions extends LifecycleParts {
  timeZones: TimeZones;
  progress: Pick<ProgressReader, 'of' | 'waiting'>;
  /** The channel of a mailing that names none. */
  defaultChannel: ChannelName;
}

const CHANGES = 'CONFLICT says where the mailing stands and what can be done instead.';
/** Who confirmed a step was shown one revision: what somebody changed since is not sent by it. */
const MEANT_FOR = {
  nullable: true,
  description: 'The revision that it is meant for; CONFLICT when there is a newer one. Left out: whichever there is.',
};

@Resolver(() => Mailing)
export class MailingResolver {
  constructor(private readonly options: MailingResolverOptions) {}

  @Allow('mailings:read')
  @Query(() => Mailing, {
    nullable: true,
    description: 'One mailing; NOT_FOUND when there is none, or it was deleted.',
  })
  async mailing(
    @Arg('id', () => ID, { description: 'Which mailing.' }) id: string,
    @Ctx() { em }: RequestContext,
  ): Promise<Mailing> {
    return await findMailing(em, id);
  }

  @Allow('mailings:write')
  @Mutation(() => MailingPayload, {
    description: 'Makes a mailing that goes out by itself at its start: at once, when that is left out or has come.',
  })
  async mailingCreate(
    @Arg('input', () => MailingInput, { description: 'The new mailing.' }) input: MailingInput,
    @Arg('draft', () => Boolean, {
      defaultValue: false,
      description: 'Only write it down; schedule or start it later.',
    })
    draft: boolean,
    @Arg('idempotencyKey', () => String, idempotencyKeyArg) key: string | null,
    @Ctx() { em, actor }: RequestContext,
  ): Promise<MailingPayload> {
    const zones = await this.options.timeZones.load();
    return await this.#payload(
      () => {
        const fields = parseNewMailing(input, zones, this.options.defaultChannel);
        const call = keyedCall(actor, 'mailingCreate', key, { input, draft });
        return createMailing({ ...this.options, em }, fields, actor, { draft, call });
      },
      placesIn(input, zones),
    );
  }

  @Allow('mailings:write')
  @Mutation(() => MailingPayload, {
    description:
      'Changes the given fields of a mailing. One that was launched keeps its text, filter, channel, start, maxAttempts and unknownOutcome; the rest holds for what is not under way yet. A cancelled one keeps all but its name.',
  })
  async mailingUpdate(
    @Arg('id', () => ID, { description: 'Which mailing.' }) id: string,
    @Arg('input', () => MailingInput, { description: 'What to change.' }) input: MailingInput,
    @Ctx() { em, actor }: RequestContext,
  ): Promise<MailingPayload> {
    const zones = await this.options.timeZones.load();
    return await this.#payload(
      () => updateMailing({ ...this.options, em }, id, parseMailingChanges(input, zones), actor),
      placesIn(input, zones),
    );
  }

  @Allow('mailings:write')
  @Mutation(() => MailingPayload, { description: `A draft goes out by itself at its start from now on. ${CHANGES}` })
  async mailingSchedule(
    @Arg('id', () => ID, { description: 'Which mailing.' }) id: string,
    @Arg('revision', () => Int, MEANT_FOR) revision: number | null,
    @Ctx() context: RequestContext,
  ): Promise<MailingPayload> {
    return await this.#take(scheduleMailing, id, revision, context);
  }

  @Allow('mailings:write')
  @Mutation(() => MailingPayload, { description: `Moves the start of a draft or scheduled mailing to now. ${CHANGES}` })
  async mailingStart(
    @Arg('id', () => ID, { description: 'Which mailing.' }) id: string,
    @Arg('revision', () => Int, MEANT_FOR) revision: number | null,
    @Ctx() context: RequestContext,
  ): Promise<MailingPayload> {
    return await this.#take(startMailing, id, revision, context);
  }

  @Allow('mailings:write')
  @Mutation(() => MailingPayload, { description: `Nothing new is sent until it is resumed. ${CHANGES}` })
  async mailingPause(
    @Arg('id', () => ID, { description: 'Which mailing.' }) id: string,
    @Arg('revision', () => Int, MEANT_FOR) revision: number | null,
    @Ctx() context: RequestContext,
  ): Promise<MailingPayload> {
    return await this.#take(pauseMailing, id, revision, context);
  }

  @Allow('mailings:write')
  @Mutation(() => MailingPayload, { description: `A paused mailing goes on. ${CHANGES}` })
  async mailingResume(
    @Arg('id', () => ID, { description: 'Which mailing.' }) id: string,
    @Arg('revision', () => Int, MEANT_FOR) revision: number | null,
    @Ctx() context: RequestContext,
  ): Promise<MailingPayload> {
    return await this.#take(resumeMailing, id, revision, context);
  }

  @Allow('mailings:write')
  @Mutation(() => MailingPayload, { description: `Stops a mailing for good. ${CHANGES}` })
  async mailingCancel(
    @Arg('id', () => ID, { description: 'Which mailing.' }) id: string,
    @Arg('revision', () => Int, MEANT_FOR) revision: number | null,
    @Ctx() context: RequestContext,
  ): Promise<MailingPayload> {
    return await this.#take(cancelMailing, id, revision, context);
  }

  @Allow('mailings:write')
  @Mutation(() => MailingPayload, { description: `Hides a mailing of which nothing is open. ${CHANGES}` })
  async mailingDelete(
    @Arg('id', () => ID, { description: 'Which mailing.' }) id: string,
    @Arg('revision', () => Int, MEANT_FOR) revision: number | null,
    @Ctx() context: RequestContext,
  ): Promise<MailingPayload> {
    return await this.#take(deleteMailing, id, revision, context);
  }

  @FieldResolver(() => Progress, { description: 'How many of its messages are in which status.' })
  progress(@Root() mailing: Mailing): Promise<Progress> {
    return this.options.progress.of(mailing);
  }

  @FieldResolver(() => [Waiting], {
    description:
      'Why it, or a part of it, stands still, what matters most first. Empty: it just runs, or is over, or a draft.',
  })
  waiting(@Root() mailing: Mailing): Promise<Waiting[]> {
    return this.options.progress.waiting(mailing);
  }

  async #take(
    step: (parts: LifecycleParts, id: string, by: By, revision?: number) => Promise<void>,
    id: string,
    revision: number | null,
    { em, actor }: RequestContext,
  ): Promise<MailingPayload> {
    return await this.#payload(async () => {
      await step(this.options, id, actor, revision ?? undefined);
      return await readBack(em, id);
    });
  }

  async #payload(work: () => Promise<Mailing>, placeOf?: PlaceOf): Promise<MailingPayload> {
    const { result, userErrors } = await answer(work);
    return new MailingPayload(this.options.pool, result, userErrors, placeOf);
  }
}

/** Looked at only for a warning, and then the input is known to be in order. */
function placesIn({ filter }: MailingInput, zones: TimeZoneList): PlaceOf | undefined {
  return filter == null ? undefined : (list, at) => callersPlaces(filter, zones)(list, at);
}

/** After a step, a deleted one too. */
async function readBack(em: EntityManager, id: string): Promise<Mailing> {
  return await em.findOneOrFail(Mailing, { id }, { disableIdentityMap: true });
}
