import { Entity, PrimaryKey, Property } from '@mikro-orm/decorators/legacy';

/** A browser's session, or the one-time link that opens one. Only the SHA-256 of the secret is stored. */
@Entity({ tableName: 'session' })
export class Session {
  @PrimaryKey({ type: 'text' })
  secretHash!: string;

  /** LINK: may be used once, to get a SESSION. */
  @Property({ type: 'text' })
  kind!: 'LINK' | 'SESSION';

  @Property({ type: 'timestamptz', defaultRaw: 'clock_timestamp()' })
  createdAt!: Date;

  @Property({ type: 'timestamptz' })
  expiresAt!: Date;

  /** When a link was used; a used one opens nothing. */
  @Property({ type: 'timestamptz', nullable: true })
  usedAt: Date | null = null;
}
