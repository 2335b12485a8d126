import { Field, ObjectType, Query, Resolver } from 'type-graphql';
import { Allow } from '../access/allow.js';
import { LocalTime, TimeZone } from '../graphql/scalars.js';
import type { TimeZones, ZoneNow } from '../graphql/time-zones.js';

@ObjectType({ description: 'A time zone that a client may have.' })
export class TimeZoneInfo implements ZoneNow {
  @Field(() => TimeZone, { description: 'Its IANA name: `Asia/Yekaterinburg`.' })
  name!: string;

  @Field(() => String, { description: 'How far it is ahead of UTC just now: `+05:00`.' })
  offset!: string;

  @Field(() => LocalTime, { description: 'What its clocks show just now.' })
  localTime!: string;
}

@Resolver()
export class TimeZoneResolver {
  constructor(private readonly zones: TimeZones) {}

  @Allow('signed-in')
  @Query(() => [TimeZoneInfo], { description: 'The time zones that a client may have, by name.' })
  async timeZones(): Promise<ZoneNow[]> {
    return await this.zones.now();
  }
}
