import { Entity, Index, PrimaryKey, Property } from '@mikro-orm/decorators/legacy';

/** How often somebody tried, and when the next try is free. Rows that nobody touched for a day are removed. */
@Entity({ tableName: 'sign_in_limit' })
@Index({ name: 'sign_in_limit_tried_at_index', properties: ['triedAt'] })
export class SignInLimit {
  /** `account:<SHA-256 of an e-mail>`, `address:<IP address>`, … Whatever was typed as an e-mail is kept as a hash only. */
  @PrimaryKey({ type: 'text' })
  scope!: string;

  @Property({ type: 'integer' })
  tries!: number;

  /** Tries before this moment are refused. */
  @Property({ type: 'timestamptz' })
  freeAt!: Date;

  @Property({ type: 'timestamptz' })
  triedAt!: Date;
}
