import { BigIntType, PrimaryKeyProp } from '@mikro-orm/core';
import { Entity, Index, PrimaryKey, Property } from '@mikro-orm/decorators/legacy';

/** What messages are counted by. TIME_ZONE also gives hours, statuses and mailings. */
export type TallyDimension = 'OPERATOR' | 'TAG' | 'TIME_ZONE';

/** When the messages of a mailing were counted last. What is counted is in mailing_tally_count. */
@Entity({ tableName: 'mailing_tally' })
export class MailingTally {
  @PrimaryKey({ type: new BigIntType('string'), autoincrement: false })
  mailingId!: string;

  /** The mailing's version when that began: while it is still that, nothing has changed. */
  @Property({ type: new BigIntType('string') })
  version!: string;

  /** When that began: everything until then is counted. */
  @Property({ type: 'timestamptz' })
  at!: Date;

  /** How long it took, ms. */
  @Property({ type: 'integer' })
  tookMs!: number;
}

/**
 * How many messages of a mailing have one status and one value, in one quarter of an hour: the one in which a message was
 * sent, or tried last, or made. A quarter, because clocks are set off by quarters.
 */
@Entity({ tableName: 'mailing_tally_count' })
@Index({ name: 'mailing_tally_count_mailing_index', properties: ['mailingId'] })
export class MailingTallyCount {
  [PrimaryKeyProp]?: ['dimension', 'quarter', 'mailingId', 'value', 'status'];

  @PrimaryKey({ type: 'text' })
  dimension!: TallyDimension;

  @PrimaryKey({ type: 'timestamptz' })
  quarter!: Date;

  @PrimaryKey({ type: new BigIntType('string') })
  mailingId!: string;

  /** Empty: no tag. */
  @PrimaryKey({ type: 'text' })
  value!: string;

  @PrimaryKey({ type: 'text' })
  status!: string;

  @Property({ type: 'integer' })
  count!: number;
}
