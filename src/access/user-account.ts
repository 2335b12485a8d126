import { BigIntType } from '@mikro-orm/core';
import { Check, Entity, PrimaryKey, Property, Unique } from '@mikro-orm/decorators/legacy';
import { Field, ID, ObjectType, registerEnumType } from 'type-graphql';
import { DateTime } from '../graphql/scalars.js';
import type { Role } from './permission.js';

/** The roles, as GraphQL writes them. */
export const RoleName = { VIEWER: 'viewer', OPERATOR: 'operator', ADMIN: 'admin' } as const satisfies Record<
  string,
  Role
>;

registerEnumType(RoleName, {
  name: 'Role',
  description: 'What a person may do.',
  valuesConfig: {
    VIEWER: { description: 'Sees clients, their phones masked, and mailings.' },
    OPERATOR: { description: 'Does everything with clients and mailings.' },
    ADMIN: { description: 'Does everything, and decides who may sign in.' },
  },
});

/** A person who may sign in. Never removed, only disabled: history names people by their e-mail. */
@ObjectType('User', { description: 'A person who may sign in.' })
@Entity({ tableName: 'user_account', comment: 'A person who may sign in; never removed, only disabled' })
@Check({ name: 'user_account_role_check', expression: "role in ('viewer', 'operator', 'admin')" })
export class UserAccount {
  @Field(() => ID, { description: 'A 64-bit integer, as a string.' })
  @PrimaryKey({ type: new BigIntType('string'), autoincrement: true })
  id!: string;

  @Field(() => String, { description: 'In small letters; what this person signs in with.' })
  @Property({ type: 'text' })
  @Unique({ name: 'user_account_email_unique' })
  @Check({ name: 'user_account_email_check', expression: 'email = lower(email)' })
  email!: string;

  @Field(() => String, { description: 'As others see this person.' })
  @Property({ type: 'text' })
  name!: string;

  @Field(() => RoleName, { description: 'What this person may do.' })
  @Property({ type: 'text' })
  role!: Role;

  /** Argon2id, in the PHC string format. Null: no password was set yet, or this person comes by OIDC only. */
  @Property({ type: 'text', nullable: true, lazy: true })
  passwordHash: string | null = null;

  /** `<issuer> <sub>`: who this person is to the OpenID provider. Null: never came that way. */
  @Property({ type: 'text', nullable: true, lazy: true })
  @Unique({ name: 'user_account_oidc_subject_unique' })
  oidcSubject: string | null = null;

  @Field(() => DateTime, { description: 'When the account was made.' })
  @Property({ type: 'timestamptz', defaultRaw: 'clock_timestamp()' })
  createdAt!: Date;

  @Field(() => DateTime, { nullable: true, description: 'When this person signed in last; null: never yet.' })
  @Property({ type: 'timestamptz', nullable: true })
  lastSignInAt: Date | null = null;

  @Field(() => DateTime, { nullable: true, description: 'Since when this person may not sign in.' })
  @Property({ type: 'timestamptz', nullable: true })
  disabledAt: Date | null = null;
}
