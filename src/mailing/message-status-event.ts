import { Field, ID, ObjectType } from 'type-graphql';
import { DateTime } from '../graphql/scalars.js';
import { MessageStatus } from '../message/message.js';

/** One message's new status. */
@ObjectType({ description: "One message's new status.", simpleResolvers: true })
export class MessageStatusChange {
  /** Whose message it is; the event shows it once for all. */
  mailingId!: string;

  @Field(() => ID, { description: 'An id and no more, so that an event costs nothing to make; `message` looks it up.' })
  messageId!: string;

  @Field(() => MessageStatus, {
    description:
      'A final status; or ENQUEUED or DELAYED, when it got another time. A message taken in hand is no change.',
  })
  status!: MessageStatus;

  @Field(() => DateTime, { description: "When, by the database's clock." })
  at!: Date;

  @Field(() => String, { description: 'The version it came with.' })
  version!: string;
}

/** All changes of one version, or of a few that follow on each other. */
@ObjectType({
  description:
    'All changes of one version of a mailing, or of a few versions that follow on each other; a version is never split. With no filter, `previousVersion` of each event is the `version` of the one before.',
  simpleResolvers: true,
})
export class MessageStatusEvent {
  @Field(() => ID, {
    description: 'The mailing that is followed: an id and no more, so that an event costs nothing to make.',
  })
  readonly mailingId: string;

  @Field(() => String, { description: 'The cursor: pass it as `after` to go on from here, on any server.' })
  readonly version: string;

  @Field(() => String, {
    nullable: true,
    description: 'The event covers the versions after this one; null: a snapshot.',
  })
  readonly previousVersion: string | null;

  @Field(() => Boolean, {
    description:
      'True: nothing is told of what came before `version`. Read the messages now, and what changes later follows.',
  })
  readonly snapshot: boolean;

  @Field(() => [MessageStatusChange], { description: 'In the order in which they happened.' })
  readonly changes: readonly MessageStatusChange[];

  /** @param previous the version before the first one that the event covers; null: a snapshot */
  constructor(mailingId: string, previous: number | null, version: number, changes: readonly MessageStatusChange[]) {
    this.mailingId = mailingId;
    this.version = String(version);
    this.previousVersion = previous === null ? null : String(previous);
    this.snapshot = previous === null;
    this.changes = changes;
  }

  static snapshot(mailingId: string, version: number): MessageStatusEvent {
    return new MessageStatusEvent(mailingId, null, version, []);
  }
}
