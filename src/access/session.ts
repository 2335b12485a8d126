import { Entity, Index, ManyToOne, PrimaryKey, Property } from '@mikro-orm/decorators/legacy';
import { UserAccount } from './user-account.js';

/** A browser's session, or a one-time link. Only the SHA-256 of the secret is stored. */
@Entity({ tableName: 'session' })
@Index({ name: 'session_user_index', properties: ['userId'] })
export class Session {
  @PrimaryKey({ type: 'text' })
  secretHash!: string;

  /** LINK: may be used once, to get a SESSION as admin. PASSWORD: may be used once, to set its user's password. */
  @Property({ type: 'text' })
  kind!: 'LINK' | 'PASSWORD' | 'SESSION';

  /** Null: whoever opened the one-time link of a server's start. */
  @ManyToOne(() => UserAccount, {
    mapToPk: true,
    nullable: true,
    fieldName: 'user_id',
    deleteRule: 'cascade',
    updateRule: 'no action',
  })
  userId: string | null = null;

  @Property({ type: 'timestamptz', defaultRaw: 'clock_timestamp()' })
  createdAt!: Date;

  @Property({ type: 'timestamptz' })
  expiresAt!: Date;

  /** When a link was used; a used one opens nothing. */
  @Property({ type: 'timestamptz', nullable: true })
  usedAt: Date | null = null;
}
