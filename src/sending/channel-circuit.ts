import { PrimaryKeyProp } from '@mikro-orm/core';
import { Entity, PrimaryKey, Property } from '@mikro-orm/decorators/legacy';
import { Field, ObjectType } from 'type-graphql';
import { DateTime } from '../graphql/scalars.js';

/** A circuit whose probe is so long overdue, in SQL, was left by a process that died. */
export const CIRCUIT_FORGOTTEN = `interval '1 minute'`;

/**
 * An open circuit of one worker process: it sends nothing by this channel until it has tried one message at `probeAt`.
 * The row is there as long as the circuit is open; each probe that fails moves `probeAt`. One whose `probeAt` is long
 * past was left by a process that died, and says nothing any more.
 */
@ObjectType({
  description: 'A worker that sends nothing by a channel for now, because nobody is there or nobody is taken.',
})
@Entity({ tableName: 'channel_circuit' })
export class ChannelCircuit {
  [PrimaryKeyProp]?: ['channel', 'worker'];

  @PrimaryKey({ type: 'text' })
  channel!: string;

  /** A name made up at the start of the process. */
  @Field(() => String, { description: 'Which worker; a name it made up when it started.' })
  @PrimaryKey({ type: 'text' })
  worker!: string;

  @Field(() => DateTime, { description: 'Since when.' })
  @Property({ type: 'timestamptz', defaultRaw: 'clock_timestamp()' })
  openedAt!: Date;

  /** When the next message is tried. */
  @Field(() => DateTime, { description: 'When it tries one message to see whether that is over.' })
  @Property({ type: 'timestamptz' })
  probeAt!: Date;

  /** What the last attempt came to: no phone, no text. */
  @Field(() => String, { description: 'What the last attempt came to.' })
  @Property({ type: 'text' })
  reason!: string;
}
