import { PrimaryKeyProp } from '@mikro-orm/core';
import { Entity, PrimaryKey, Property } from '@mikro-orm/decorators/legacy';

/**
 * An open circuit of one worker process: it sends nothing by this channel until it has tried one message at `probeAt`.
 * The row is there as long as the circuit is open; each probe that fails moves `probeAt`. One whose `probeAt` is long
 * past was left by a process that died, and says nothing any more.
 */
@Entity({ tableName: 'channel_circuit' })
export class ChannelCircuit {
  [PrimaryKeyProp]?: ['channel', 'worker'];

  @PrimaryKey({ type: 'text' })
  channel!: string;

  /** A name made up at the start of the process. */
  @PrimaryKey({ type: 'text' })
  worker!: string;

  @Property({ type: 'timestamptz', defaultRaw: 'clock_timestamp()' })
  openedAt!: Date;

  /** When the next message is tried. */
  @Property({ type: 'timestamptz' })
  probeAt!: Date;

  /** What the last attempt came to: no phone, no text. */
  @Property({ type: 'text' })
  reason!: string;
}
