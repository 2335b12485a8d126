import type { EntityManager } from '@mikro-orm/postgresql';
import type pg from 'pg';
import { Arg, Ctx, Field, Int, ObjectType, Query, Resolver } from 'type-graphql';
import { Allow } from '../access/allow.js';
import type { RequestContext } from '../access/request-context.js';
import { Client } from '../client/client.js';
import type { ClientFilter } from '../client/client-filter.js';
import { countClients, listClients } from '../client/list-clients.js';
import { firstSchema, MAX_PAGE } from '../graphql/connection.js';
import { parseInput } from '../graphql/parse-input.js';
import type { TimeZones } from '../graphql/time-zones.js';
import { UserError } from '../graphql/user-error.js';
import {
  AudienceFilterInput,
  audienceFilterSchema,
  callersPlaces,
  type PlaceOf,
  warnOfAudience,
} from './audience.inputs.js';
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

@Resolver()
export class AudienceResolver {
  constructor(private readonly options: { pool: pg.Pool; timeZones: TimeZones }) {}

  @Allow('clients:read')
  @Query(() => Audience, { description: 'Who a mailing with this filter would go to, if it were launched now.' })
  async audience(
    @Arg('filter', () => AudienceFilterInput, { nullable: true, description: 'As of a mailing; none: everybody.' })
    input: AudienceFilterInput | null,
    @Ctx() { em }: RequestContext,
  ): Promise<Audience> {
    const zones = await this.options.timeZones.load();
    const filter = parseInput(audienceFilterSchema(zones), input ?? {}, ['filter']);
    return new Audience({ em, pool: this.options.pool, filter, placeOf: callersPlaces(input ?? {}, zones) });
  }
}
