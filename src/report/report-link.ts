import { BigIntType } from '@mikro-orm/core';
import { Entity, Index, ManyToOne, PrimaryKey, Property, Unique } from '@mikro-orm/decorators/legacy';
import { Field, ID, ObjectType } from 'type-graphql';
import { DateTime } from '../graphql/scalars.js';
import { Mailing } from '../mailing/mailing.js';

/** Whoever has the secret of it reads the report of one mailing without signing in. Only the SHA-256 of it is stored. */
@ObjectType({ description: 'A link by which anybody who has it reads the report of one mailing, without signing in.' })
@Entity({ tableName: 'report_link' })
@Unique({ name: 'report_link_secret_unique', properties: ['secretHash'] })
@Index({ name: 'report_link_mailing_index', properties: ['mailingId', 'id'] })
export class ReportLink {
  @Field(() => ID, { description: 'A 64-bit integer, as a string.' })
  @PrimaryKey({ type: new BigIntType('string'), autoincrement: true })
  id!: string;

  @ManyToOne(() => Mailing, {
    mapToPk: true,
    fieldName: 'mailing_id',
    deleteRule: 'cascade',
    updateRule: 'no action',
    index: false,
  })
  mailingId!: string;

  /** SHA-256 of the secret, in hex. */
  @Property({ type: 'text', lazy: true })
  secretHash!: string;

  @Field(() => DateTime, { description: 'It opens nothing from then on.' })
  @Property({ type: 'timestamptz' })
  expiresAt!: Date;

  @Field(() => DateTime, { nullable: true, description: 'When it was revoked, for good; null: it was not.' })
  @Property({ type: 'timestamptz', nullable: true })
  revokedAt!: Date | null;

  @Field(() => DateTime, { nullable: true, description: 'When it was last used, to the minute; null: never.' })
  @Property({ type: 'timestamptz', nullable: true })
  lastUsedAt!: Date | null;

  @Field(() => DateTime, { description: 'When it was made.' })
  @Property({ type: 'timestamptz', defaultRaw: 'clock_timestamp()' })
  createdAt!: Date;

  @Field(() => String, { description: 'By whom it was made.' })
  @Property({ type: 'text' })
  createdBy!: string;
}
