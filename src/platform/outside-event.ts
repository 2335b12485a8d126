import { Entity, Index, PrimaryKey, Property, Unique } from '@mikro-orm/decorators/legacy';

/** What the outside may be told of. `webhook.test` is what a person sends to see whether it arrives. */
export const OUTSIDE_EVENTS = [
  'mailing.started',
  'mailing.finished',
  'mailing.stuck',
  'circuit.opened',
  'circuit.closed',
  'webhook.test',
] as const;
export type OutsideEventKind = (typeof OUTSIDE_EVENTS)[number];

/**
 * Something that the outside is to be told: written by the statement that takes the step it tells of, so that neither is there
 * without the other. Who is told is found out afterwards (webhook/spread-events.ts). Kept for a month.
 */
@Entity({ tableName: 'outside_event' })
@Unique({ name: 'outside_event_occurrence_unique', properties: ['occurrence'] })
@Index({ name: 'outside_event_spread_index', properties: ['at'], where: 'spread_at is null' })
@Index({ name: 'outside_event_at_index', properties: ['at'] })
export class OutsideEvent {
  /** Everybody who is told gets it under this id, at each try. */
  @PrimaryKey({ type: 'uuid', defaultRaw: 'gen_random_uuid()' })
  id!: string;

  /** By the database's clock. */
  @Property({ type: 'timestamptz', defaultRaw: 'clock_timestamp()' })
  at!: Date;

  @Property({ type: 'text' })
  kind!: OutsideEventKind;

  /** What happens once, however often it is noticed; null: whoever writes it knows that it is new. */
  @Property({ type: 'text', nullable: true })
  occurrence!: string | null;

  /** What is told: no phone and no text of a message. */
  @Property({ type: 'jsonb' })
  data!: Record<string, unknown>;

  /** When it was found out whom it goes to; null: not yet. */
  @Property({ type: 'timestamptz', nullable: true })
  spreadAt!: Date | null;
}

/**
 * An insert that tells the outside, for the end of a statement or a CTE of it.
 *
 * @param o.data an SQL expression on a row of `from`: an object as jsonb
 * @param o.from what follows `from`: the rows that there is one event for each of
 */
export function tellOutside(kind: OutsideEventKind, o: { data: string; from: string }): string {
  return `insert into outside_event (kind, data) select '${kind}', ${o.data} from ${o.from}`;
}
