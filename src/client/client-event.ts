import { BigIntType } from '@mikro-orm/core';
import { Entity, Index, ManyToOne, PrimaryKey, Property } from '@mikro-orm/decorators/legacy';
import { Client } from './client.js';

/** What happened to a client that decides whether and when messages may reach it. */
export type ClientEventKind = 'OPTED_OUT' | 'OPTED_IN' | 'DELETED' | 'RESTORED' | 'TIME_ZONE_CHANGED';

/** One row a change, by the database's clock, kept for good: what `verify` holds arrivals against. */
@Entity({ tableName: 'client_event' })
@Index({ name: 'client_event_client_index', properties: ['clientId', 'at'] })
export class ClientEvent {
  @PrimaryKey({ type: new BigIntType('string'), autoincrement: true })
  id!: string;

  @ManyToOne(() => Client, { mapToPk: true, fieldName: 'client_id', deleteRule: 'cascade', updateRule: 'no action' })
  clientId!: string;

  @Property({ type: 'timestamptz', defaultRaw: 'clock_timestamp()' })
  at!: Date;

  @Property({ type: 'text' })
  kind!: ClientEventKind;

  /** Who did it: `admin`, `session`, `import`. */
  @Property({ type: 'text', name: 'by' })
  by!: string;

  /**
   * Old and new values where they matter: `{"from": "Europe/Moscow", "to": "Asia/Omsk"}`. Of an opt-out that came with the phone:
   * `{"formerClientId": "12", "since": "…"}`.
   */
  @Property({ type: 'jsonb', defaultRaw: "'{}'" })
  details: Record<string, unknown> = {};
}
