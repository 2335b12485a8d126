import { BigIntType } from '@mikro-orm/core';
import { Entity, Index, ManyToOne, PrimaryKey, Property, Unique } from '@mikro-orm/decorators/legacy';
import { Field, ID, ObjectType } from 'type-graphql';
import { DateTime } from '../graphql/scalars.js';
import { TextArrayType } from '../platform/sql-arrays.js';
import { type Permission, PermissionName } from './permission.js';
import { UserAccount } from './user-account.js';

/** A secret for programs, made by a person. Only the SHA-256 of it is stored. */
@ObjectType({ description: 'A secret for programs, made by a person: `Authorization: Bearer <secret>`.' })
@Entity({ tableName: 'api_token' })
@Unique({ name: 'api_token_prefix_unique', properties: ['prefix'] })
@Index({ name: 'api_token_user_index', properties: ['userId', 'id'] })
export class ApiToken {
  @Field(() => ID, { description: 'A 64-bit integer, as a string.' })
  @PrimaryKey({ type: new BigIntType('string'), autoincrement: true })
  id!: string;

  /** Whose it is, and whose role limits it; null: the admin token's, or the one-time link's. */
  @ManyToOne(() => UserAccount, {
    mapToPk: true,
    nullable: true,
    fieldName: 'user_id',
    deleteRule: 'cascade',
    updateRule: 'no action',
    index: false,
  })
  userId!: string | null;

  @Field(() => String, {
    description: 'What it is for, in the words of whoever made it; history shows it as `token:<name>`.',
  })
  @Property({ type: 'text' })
  name!: string;

  /** SHA-256 of the secret, in hex. */
  @Property({ type: 'text', lazy: true })
  hash!: string;

  /** No secret: it finds the row, and the hash is compared then. */
  @Field(() => String, { description: 'How it begins, to tell it from others by.' })
  @Property({ type: 'text' })
  prefix!: string;

  @Field(() => [PermissionName], {
    description: 'The permissions it was given; it has those of them that its owner has too.',
  })
  @Property({ type: new TextArrayType() })
  scopes!: Permission[];

  @Field(() => DateTime, { nullable: true, description: 'It opens nothing from then on; null: it does not expire.' })
  @Property({ type: 'timestamptz', nullable: true })
  expiresAt!: Date | null;

  @Field(() => DateTime, { nullable: true, description: 'When it was last used, to the minute; null: never.' })
  @Property({ type: 'timestamptz', nullable: true })
  lastUsedAt!: Date | null;

  @Field(() => DateTime, { nullable: true, description: 'When it was revoked, for good; null: it was not.' })
  @Property({ type: 'timestamptz', nullable: true })
  revokedAt!: Date | null;

  @Field(() => DateTime, { description: 'When it was made.' })
  @Property({ type: 'timestamptz', defaultRaw: 'clock_timestamp()' })
  createdAt!: Date;

  @Field(() => String, { description: 'By whom it was made.' })
  @Property({ type: 'text' })
  createdBy!: string;
}
