import { BigIntType } from '@mikro-orm/core';
import { Check, Entity, Index, PrimaryKey, Property } from '@mikro-orm/decorators/legacy';
import { Field, ID, Int, ObjectType, registerEnumType } from 'type-graphql';
import { DateTime } from '../graphql/scalars.js';

/** What a job does with clients. */
export enum ClientJobKind {
  IMPORT = 'IMPORT',
  TAG = 'TAG',
  UNTAG = 'UNTAG',
  OPT_OUT = 'OPT_OUT',
  DELETE = 'DELETE',
}

registerEnumType(ClientJobKind, {
  name: 'ClientJobKind',
  description: 'What a job does with clients.',
  valuesConfig: {
    IMPORT: { description: 'Adds and changes clients by the lines of a file.' },
    TAG: { description: 'Adds tags.' },
    UNTAG: { description: 'Takes tags away.' },
    OPT_OUT: { description: 'Notes that they want no messages.' },
    DELETE: { description: 'Hides them, and frees their phones.' },
  },
});

/** Where a job stands. */
export enum ClientJobStatus {
  QUEUED = 'QUEUED',
  RUNNING = 'RUNNING',
  COMPLETED = 'COMPLETED',
  CANCELLED = 'CANCELLED',
  FAILED = 'FAILED',
}

registerEnumType(ClientJobStatus, {
  name: 'ClientJobStatus',
  description: 'Where a job stands.',
  valuesConfig: {
    QUEUED: { description: 'Waits for a worker.' },
    RUNNING: { description: 'A worker is at it. One that died is replaced, and the job goes on where it stopped.' },
    COMPLETED: { description: 'Everything was looked at; `failed` tells how many could not be done. Final.' },
    CANCELLED: { description: 'A person stopped it. What was done by then stays done. Final.' },
    FAILED: { description: 'It could not go on: see `reason`. What was done by then stays done. Final.' },
  },
});

/**
 * Work on many clients, done in batches by one worker at a time. A batch, its counts and the cursor are one transaction, so
 * a job that was interrupted anywhere goes on where it stopped and does nothing twice.
 */
@ObjectType({ description: 'Work on many clients, done in the background: an import, or a change of all who match.' })
@Entity({ tableName: 'client_job' })
@Index({ name: 'client_job_under_way_index', properties: ['id'], where: "status in ('QUEUED', 'RUNNING')" })
export class ClientJob {
  @Field(() => ID, { description: 'A 64-bit integer, as a string.' })
  @PrimaryKey({ type: new BigIntType('string'), autoincrement: true })
  id!: string;

  @Field(() => ClientJobKind, { description: 'What it does.' })
  @Property({ type: 'text' })
  @Check({ name: 'client_job_kind_check', expression: "kind in ('IMPORT', 'TAG', 'UNTAG', 'OPT_OUT', 'DELETE')" })
  kind!: ClientJobKind;

  @Field(() => ClientJobStatus, { description: 'Where it stands.' })
  @Property({ type: 'text', default: 'QUEUED' })
  @Check({
    name: 'client_job_status_check',
    expression: "status in ('QUEUED', 'RUNNING', 'COMPLETED', 'CANCELLED', 'FAILED')",
  })
  status!: ClientJobStatus;

  @Field(() => Boolean, { description: 'It only counts what it would do.' })
  @Property({ type: 'boolean', default: false })
  dryRun!: boolean;

  /** What exactly is to be done: an `ImportPlan`, or a `BulkChange`. */
  @Property({ type: 'jsonb' })
  params!: unknown;

  @Field(() => Int, {
    nullable: true,
    description: 'Lines of the file, or clients that matched when it began; null: not counted yet.',
  })
  @Property({ type: 'integer', nullable: true })
  total: number | null = null;

  @Field(() => Int, { description: 'How many of them have been looked at.' })
  @Property({ type: 'integer', default: 0 })
  done!: number;

  @Field(() => Int, { description: 'Clients added.' })
  @Property({ type: 'integer', default: 0 })
  created!: number;

  @Field(() => Int, {
    description:
      'Of the clients added: those with an opt-out that a former client left with their phone. It holds for them.',
  })
  @Property({ type: 'integer', default: 0 })
  optedOut!: number;

  @Field(() => Int, { description: 'Clients changed.' })
  @Property({ type: 'integer', default: 0 })
  updated!: number;

  @Field(() => Int, { description: 'Clients that were so already, or were to be kept as they are.' })
  @Property({ type: 'integer', default: 0 })
  unchanged!: number;

  @Field(() => Int, { description: 'Lines whose phone an earlier line of the file has: taken together with that one.' })
  @Property({ type: 'integer', default: 0 })
  duplicates!: number;

  @Field(() => Int, { description: 'Lines that were left out, or clients that could not be changed.' })
  @Property({ type: 'integer', default: 0 })
  failed!: number;

  /** The last line, or the id of the last client, that was looked at. */
  @Property({ type: new BigIntType('string'), defaultRaw: '0' })
  cursor!: string;

  @Field(() => String, { description: 'Grows with every change.' })
  @Property({ type: new BigIntType('string'), defaultRaw: '0' })
  version!: string;

  /** The process that works on it; nobody else does until `leaseUntil`. */
  @Property({ type: 'text', nullable: true })
  leaseOwner: string | null = null;

  @Property({ type: 'timestamptz', nullable: true })
  leaseUntil: Date | null = null;

  /** How many lines or clients it takes at once since one batch was too much; null: as many as ever. */
  @Property({ type: 'integer', nullable: true })
  batchSize: number | null = null;

  /** Batches in a row that came to nothing; below zero: that went well since, with less than ever. */
  @Property({ type: 'integer', default: 0 })
  setbacks!: number;

  @Field(() => String, { nullable: true, description: 'Why it failed.' })
  @Property({ type: 'text', nullable: true })
  reason: string | null = null;

  @Field(() => String, { description: 'Who asked for it.' })
  @Property({ type: 'text' })
  createdBy!: string;

  @Field(() => DateTime, { description: 'When it was asked for.' })
  @Property({ type: 'timestamptz', defaultRaw: 'clock_timestamp()' })
  createdAt!: Date;

  @Field(() => DateTime, { nullable: true, description: 'When a worker first took it in hand.' })
  @Property({ type: 'timestamptz', nullable: true })
  startedAt: Date | null = null;

  @Field(() => DateTime, { nullable: true, description: 'Since when it is over.' })
  @Property({ type: 'timestamptz', nullable: true })
  finishedAt: Date | null = null;
}
