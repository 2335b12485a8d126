import type { EntityManager } from '@mikro-orm/postgresql';
import type pg from 'pg';
import { Arg, Field, Int, ObjectType } from 'type-graphql';
import { Client } from '../client/client.js';
import type { ClientFilter } from '../client/client-filter.js';
import { countClients, listClients } from '../client/list-clients.js';
import { firstSchema, MAX_PAGE } from '../graphql/connection.js';
import { parseInput } from '../graphql/parse-input.js';
import type { TimeZones } from '../graphql/time-zones.js';
import { UserError } from '../graphql/user-error.js';
import { audienceFilterSchema, callersPlaces, type PlaceOf, warnOfAudience } from './audience.inputs.js';
import type { AudienceFilter } from './mailing.js';

/** What an audience is asked of. */
interface AudienceParts {
  em: EntityManager;
  pool: pg.Pool;
  filter: AudienceFilter;
  placeOf: PlaceOf;
}

/** Each field is looked for only when it is asked for. */
@ObjectType({ description: 'Who a mailing with this filter would go to, if it were launched now.' })
export class Audience {
  readonly #parts: AudienceParts;
  readonly #clients: ClientFilter;
  #counting: Promise<number> | undefined;

  constructor(parts: AudienceParts) {
    this.#parts = parts;
    this.#clients = { ...parts.filter, optedOut: false };
  }

  @Field(() => Int, {
    description: 'How many clients the filter matches, without those who opted out: exactly, counted one by one.',
  })
  count(): Promise<number> {
    this.#counting ??= countClients(this.#parts.em, this.#clients);
    return this.#counting;
  }

  @Field(() => [Client], { description: 'Some of them: those added last.' })
  async sample(
    @Arg('first', () => Int, { defaultValue: 10, description: `How many, 1 to ${MAX_PAGE}.` }) first: number,
  ): Promise<Client[]> {
    const room = parseInput(firstSchema, first, ['first']);
    return (await listClients(this.#parts.em, this.#clients, { first: room, after: null })).slice(0, room);
  }

  @Field(() => [UserError], {
    description: 'What is probably a slip: values of the filter that no client has, a filter that matches nobody.',
  })
  async warnings(): Promise<UserError[]> {
    const { pool, filter, placeOf } = this.#parts;
    return await warnOfAudience(pool, filter, await this.count(), placeOf);
  }
}

/** @param input the filter as the caller gave it; null: everybody @throws InputError on `filter.…` */
export async function askAudience(
  { pool, timeZones }: { pool: pg.Pool; timeZones: TimeZones },
  em: EntityManager,
  input: unknown,
): Promise<Audience> {
  const zones = await timeZones.load();
  const filter = parseInput(audienceFilterSchema(zones), input ?? {}, ['filter']);
  return new Audience({ em, pool, filter, placeOf: callersPlaces(input ?? {}, zones) });
}
