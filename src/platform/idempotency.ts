import { PrimaryKeyProp } from '@mikro-orm/core';
import { Entity, PrimaryKey, Property } from '@mikro-orm/decorators/legacy';

/** What a request with an idempotency key came to, so that the same request again gets the same answer. */
@Entity({ tableName: 'idempotency' })
export class Idempotency {
  [PrimaryKeyProp]?: ['operation', 'key'];

  /** The mutation's name. */
  @PrimaryKey({ type: 'text' })
  operation!: string;

  /** Made up by the caller. */
  @PrimaryKey({ type: 'text' })
  key!: string;

  /** SHA-256 of the input. */
  @Property({ type: 'text' })
  inputHash!: string;

  /** Id of what was made. */
  @Property({ type: 'text' })
  resultId!: string;

  @Property({ type: 'timestamptz', defaultRaw: 'clock_timestamp()' })
  createdAt!: Date;
}
