import { BigIntType } from '@mikro-orm/core';
import { Entity, Index, PrimaryKey, Property } from '@mikro-orm/decorators/legacy';
import { GraphQLJSONObject } from 'graphql-scalars';
import { Field, ID, ObjectType, registerEnumType } from 'type-graphql';
import { DateTime } from '../graphql/scalars.js';

/** What came of an act. */
export enum AuditOutcome {
  DONE = 'DONE',
  REFUSED = 'REFUSED',
  FAILED = 'FAILED',
}

registerEnumType(AuditOutcome, {
  name: 'AuditOutcome',
  description: 'What came of an act.',
  valuesConfig: {
    DONE: { description: 'It was done.' },
    REFUSED: { description: 'It was not done: what was asked for was wrong, or did not fit what is there.' },
    FAILED: { description: 'Something went wrong on our side; it may have been done or not.' },
  },
});

/** Who changed what, by the API, whichever way they came, and who came in. Holds no phone, no text and no secret. */
@ObjectType({ description: 'Who changed what.' })
@Entity({ tableName: 'audit_event' })
@Index({ name: 'audit_event_at_index', properties: ['at'] })
@Index({ name: 'audit_event_actor_index', properties: ['actor', 'id'] })
@Index({ name: 'audit_event_action_index', properties: ['action', 'id'] })
@Index({ name: 'audit_event_subject_index', properties: ['subjectKind', 'subjectId', 'id'] })
export class AuditEvent {
  @Field(() => ID, { description: 'A 64-bit integer, as a string.' })
  @PrimaryKey({ type: new BigIntType('string'), autoincrement: true })
  id!: string;

  @Field(() => DateTime, { description: "When, by the database's clock." })
  @Property({ type: 'timestamptz', defaultRaw: 'clock_timestamp()' })
  at!: Date;

  @Field(() => String, {
    description:
      'Who, as `viewer { name }` shows it: `admin`, `user:<e-mail>`, `token:<name>` …; `nobody` who did not get in, `oidc` the provider, `cli` and `server` whoever runs them.',
  })
  @Property({ type: 'text' })
  actor!: string;

  @Field(() => ID, { description: 'The same in a form that no two share: `admin`, `user:12`, `token:7` …' })
  @Property({ type: 'text' })
  actorId!: string;

  @Field(() => String, {
    description:
      'What was done: the name of the mutation, as in `mailingStart`, whichever way it was asked for; `clientsImport` of a file; around signing in `userSignIn`, `userSignOut`, `passwordForget`, `passwordReset`, `invitationAccept`, `linkCreate`, and `userCreate` or `userUpdate` by the OpenID provider; at the command line also `mailingKeep`, `mailingPrune`, `databaseBackup` and `databaseRestore`.',
  })
  @Property({ type: 'text' })
  action!: string;

  @Field(() => String, {
    nullable: true,
    description: 'What kind of thing it was done to: `mailing`, `client`, `clientJob` …',
  })
  @Property({ type: 'text', nullable: true })
  subjectKind!: string | null;

  @Field(() => String, { nullable: true, description: 'The id of that thing.' })
  @Property({ type: 'text', nullable: true })
  subjectId!: string | null;

  @Field(() => AuditOutcome, {
    nullable: true,
    description: 'What came of it; null: the program or its database ended before that was written down.',
  })
  @Property({ type: 'text', nullable: true })
  outcome!: AuditOutcome | null;

  @Field(() => GraphQLJSONObject, {
    description:
      'What else is worth knowing: the names of the fields that were given, never their values; `way` how somebody came in.',
  })
  @Property({ type: 'jsonb', defaultRaw: "'{}'" })
  details: Record<string, unknown> = {};

  @Field(() => String, {
    nullable: true,
    description: 'The address the request came from. Behind a proxy that the settings trust it is the one it names.',
  })
  @Property({ type: 'text', nullable: true })
  ip!: string | null;
}
