import { BigIntType } from '@mikro-orm/core';
import { Entity, PrimaryKey, Property } from '@mikro-orm/decorators/legacy';

/**
 * Where this database has lived: the newest row is where it thinks it is. One that wakes up somewhere else is a copy, and
 * messages may have gone out since it was made (restored.ts).
 */
@Entity({ tableName: 'database_place' })
export class DatabasePlace {
  @PrimaryKey({ type: new BigIntType('string'), autoincrement: true })
  id!: string;

  @Property({ type: 'timestamptz', defaultRaw: 'clock_timestamp()' })
  noticedAt!: Date;

  /** The server's own number (`pg_control_system`), given when its cluster was made. */
  @Property({ type: 'text' })
  server!: string;

  /** The database's number on it, given when it was created. */
  @Property({ type: 'text' })
  database!: string;

  /** It came here as a copy; false: it began here. */
  @Property({ type: 'boolean', default: false })
  restored!: boolean;

  /** The last moment that the copy knows of. */
  @Property({ type: 'timestamptz', nullable: true })
  copiedAt: Date | null = null;

  /** Message ids from this block on were given out here; null: it began here. */
  @Property({ type: new BigIntType('string'), nullable: true })
  firstBlock: string | null = null;

  /** When all that was open in the copy had been marked as uncertain. */
  @Property({ type: 'timestamptz', nullable: true })
  readyAt: Date | null = null;

  /** When a person said how to go on. */
  @Property({ type: 'timestamptz', nullable: true })
  settledAt: Date | null = null;

  @Property({ type: 'text', nullable: true })
  settledBy: string | null = null;
}
