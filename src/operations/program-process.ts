import { Entity, PrimaryKey, Property } from '@mikro-orm/decorators/legacy';
import { Field, ID, ObjectType } from 'type-graphql';
import { DateTime } from '../graphql/scalars.js';

/** A process of the program that says every few seconds that it is alive. Its row goes when it ends in order. */
@ObjectType({ description: 'A process of the program, which says every few seconds that it is alive.' })
@Entity({ tableName: 'program_process' })
export class ProgramProcess {
  /** Made up: processes on several machines have the same numbers. */
  @Field(() => ID, { description: 'A name it made up when it started.' })
  @PrimaryKey({ type: 'text' })
  id!: string;

  @Field(() => String, { description: '`worker` sends, `api` serves people and programs, `all` does both.' })
  @Property({ type: 'text' })
  role!: string;

  @Field(() => String, {
    description: 'The name of its machine or container, with the number of the process behind it.',
  })
  @Property({ type: 'text' })
  host!: string;

  @Field(() => String, { description: 'The version of Heliograph that it runs.' })
  @Property({ type: 'text' })
  version!: string;

  @Field(() => String, { description: 'The version of Node that runs it.' })
  @Property({ type: 'text' })
  nodeVersion!: string;

  @Field(() => DateTime, { description: "When it started, by the database's clock." })
  @Property({ type: 'timestamptz', defaultRaw: 'clock_timestamp()' })
  startedAt!: Date;

  @Field(() => DateTime, { description: 'When it last said that it is alive.' })
  @Property({ type: 'timestamptz', defaultRaw: 'clock_timestamp()' })
  seenAt!: Date;

  /** Worked out when it is asked for. */
  @Field(() => Boolean, {
    description: 'It says nothing any more: it died, stands still, or cannot reach the database.',
  })
  @Property({ type: 'boolean', persist: false })
  silent!: boolean;
}
