import type { EntityManager } from '@mikro-orm/postgresql';
import { Field, Int, ObjectType } from 'type-graphql';
import { z } from 'zod';
import type { By } from '../access/actor.js';
import { type ChannelName, channelNames } from '../channel/channel.js';
import { parseInput } from '../graphql/parse-input.js';
import { MailingChannel } from '../mailing/mailing.js';
import { ChannelCircuit, CIRCUIT_FORGOTTEN } from './channel-circuit.js';
import { ChannelLimit } from './channel-limit.js';

/** A channel as it stands by the rows: whichever process asks, it is the same. */
@ObjectType({ description: 'A way to send.' })
export class ChannelState {
  @Field(() => MailingChannel, { description: 'Which, as in `Mailing.channel`.' })
  name!: ChannelName;

  @Field(() => Int, {
    nullable: true,
    description:
      'Messages a second over all workers, as set by `channelUpdate`; null: no such limit. GATEWAY_RATE_LIMIT holds besides.',
  })
  rateLimit!: number | null;

  @Field(() => [ChannelCircuit], {
    description: 'Workers that send nothing by it for now, and why; empty: all is well.',
  })
  circuits!: ChannelCircuit[];
}

/** @returns all channels there are, in the order of their names' list */
export async function listChannels(em: EntityManager): Promise<ChannelState[]> {
  const limits = await em.execute<{ channel: string; rateLimit: number | null }[]>(
    `select distinct on (channel) channel, rate_limit as "rateLimit" from channel_limit order by channel, id desc`,
  );
  const circuits = await em
    .createQueryBuilder(ChannelCircuit)
    .where(`probe_at > clock_timestamp() - ${CIRCUIT_FORGOTTEN}`)
    .orderBy({ openedAt: 'asc' })
    .getResultList();
  return channelNames.map((name) =>
    Object.assign(new ChannelState(), {
      name,
      rateLimit: limits.find(({ channel }) => channel === name)?.rateLimit ?? null,
      circuits: circuits.filter(({ channel }) => channel === name),
    }),
  );
}

const limit = z.int().min(1).max(1_000_000).nullable();

/**
 * Sets a channel's limit for all workers; it holds within about a second. Setting what holds already adds no row.
 *
 * @throws AppError BAD_USER_INPUT
 */
export async function limitChannel(
  em: EntityManager,
  name: ChannelName,
  rateLimit: number | null | undefined,
  by: By,
): Promise<ChannelState> {
  const checked = parseInput(z.object({ rateLimit: limit }), { rateLimit }).rateLimit;
  const state = async () => (await listChannels(em)).find((channel) => channel.name === name)!;
  if ((await state()).rateLimit === checked) return await state();
  const row = new ChannelLimit();
  row.channel = name;
  row.by = by.name;
  row.rateLimit = checked;
  await em.persist(row).flush();
  return await state();
}
