import { Field, ID, ObjectType } from 'type-graphql';

/** Mailings in one event. */
export const MOST_MAILINGS = 100;

/** Which mailings changed. Holds ids and no more: what they are by now is looked up when somebody asks. */
@ObjectType({
  description:
    'Which mailings changed, each as it is by now. The same change may come twice, after a reconnect for instance; none is left out.',
  simpleResolvers: true,
})
export class MailingListEvent {
  @Field(() => String, { description: 'The cursor: pass it as `after` to go on from here, on any server.' })
  readonly version: string;

  @Field(() => Boolean, {
    description: `True: a fresh start. \`mailings\` holds those asked for, or the newest ${MOST_MAILINGS}, whether they changed or not.`,
  })
  readonly snapshot: boolean;

  @Field(() => [ID], { description: 'Mailings that were deleted; in a snapshot those asked for that are not there.' })
  readonly deletedIds: readonly string[];

  @Field(() => Boolean, {
    description: 'All sending was stopped, or resumed: ask `sending`, and what mailings are `waiting` for.',
  })
  readonly sendingSwitched: boolean;

  /** @param mailingIds those that changed; null: a snapshot of the newest */
  private constructor(
    version: number,
    readonly mailingIds: readonly string[] | null,
    more: Pick<MailingListEvent, 'snapshot' | 'deletedIds' | 'sendingSwitched'>,
  ) {
    this.version = String(version);
    this.snapshot = more.snapshot;
    this.deletedIds = more.deletedIds;
    this.sendingSwitched = more.sendingSwitched;
  }

  /** @param deletedIds those of `mailingIds` that are not there */
  static snapshot(
    version: number,
    mailingIds: readonly string[] | null,
    deletedIds: readonly string[],
  ): MailingListEvent {
    return new MailingListEvent(version, mailingIds, { snapshot: true, deletedIds, sendingSwitched: false });
  }

  static since(
    version: number,
    rows: readonly { id: string; deleted: boolean }[],
    sendingSwitched: boolean,
  ): MailingListEvent {
    const ids = (deleted: boolean) => rows.filter((row) => row.deleted === deleted).map(({ id }) => id);
    return new MailingListEvent(version, ids(false), { snapshot: false, deletedIds: ids(true), sendingSwitched });
  }
}
