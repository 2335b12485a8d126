import { Arg, Ctx, Field, Int, Mutation, ObjectType, Query, Resolver } from 'type-graphql';
import { Allow } from '../access/allow.js';
import type { RequestContext } from '../access/request-context.js';
import type { ChannelName } from '../channel/channel.js';
import { answer, UserError } from '../graphql/user-error.js';
import { MailingChannel } from '../mailing/mailing.js';
import { ChannelState, limitChannel, listChannels } from './channel-states.js';

@ObjectType({ description: 'What became of a change to a channel.' })
export class ChannelPayload {
  @Field(() => ChannelState, { nullable: true, description: 'Null when there are user errors.' })
  channel!: ChannelState | null;

  @Field(() => [UserError], { description: 'Empty: it is done.' })
  userErrors!: UserError[];
}

@Resolver()
export class ChannelResolver {
  @Allow('mailings:read')
  @Query(() => [ChannelState], { description: 'All ways to send, and how they stand.' })
  async channels(@Ctx() { em }: RequestContext): Promise<ChannelState[]> {
    return await listChannels(em);
  }

  @Allow('sending:control')
  @Mutation(() => ChannelPayload, {
    description:
      'Sets how many messages a second all workers together send by a channel, from now on, also for mailings that run.',
  })
  async channelUpdate(
    @Arg('name', () => MailingChannel, { description: 'Which channel.' }) name: ChannelName,
    @Arg('rateLimit', () => Int, {
      nullable: true,
      description: 'Messages a second, 1 to 1,000,000; null lifts the limit. It has to be said.',
    })
    rateLimit: number | null | undefined,
    @Ctx() { em, actor }: RequestContext,
  ): Promise<ChannelPayload> {
    const { result, userErrors } = await answer(() => limitChannel(em, name, rateLimit, actor));
    return { channel: result, userErrors };
  }
}
