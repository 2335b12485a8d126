import type pg from 'pg';
import {
  Arg,
  Args,
  Ctx,
  Field,
  FieldResolver,
  ID,
  Int,
  Mutation,
  ObjectType,
  Query,
  Resolver,
  Root,
} from 'type-graphql';
import { z } from 'zod';
import { Allow } from '../access/allow.js';
import type { RequestContext } from '../access/request-context.js';
import { batchPerRequest } from '../graphql/batch.js';
import { connectionType, PageArgs, readKeyset } from '../graphql/connection.js';
import { parseInput } from '../graphql/parse-input.js';
import { LocalTime } from '../graphql/scalars.js';
import type { TimeZones } from '../graphql/time-zones.js';
import { answer, UserError } from '../graphql/user-error.js';
import { ClientInput, parseClientChanges, parseNewClient } from './client.inputs.js';
import { Client } from './client.js';
import { ClientEvent } from './client-event.js';
import { type ClientPage, countClientEvents, listClientEvents } from './client-events.js';
import { ClientFacets } from './client-facets.js';
import { ClientFilterInput, parseClientFilter } from './client-filter.js';
import { createClient, deleteClient, findClient, localTimes, restoreClient, updateClient } from './clients.js';
import { ClientOrder, clientOrder, countClients, listClients, MOST_SKIPPED } from './list-clients.js';

const skipSchema = z.int().min(0, `must be 0 to ${MOST_SKIPPED}`).max(MOST_SKIPPED, `must be 0 to ${MOST_SKIPPED}`);

export const ClientConnection = connectionType('Client', Client);
const ClientEventConnection = connectionType('ClientEvent', ClientEvent);

@ObjectType({ description: 'What became of a change to a client.' })
export class ClientPayload {
  @Field(() => Client, { nullable: true, description: 'Null when there are user errors.' })
  client!: Client | null;

  @Field(() => [UserError], { description: 'Empty: it is done.' })
  userErrors!: UserError[];
}

@Resolver(() => Client)
export class ClientResolver {
  readonly #localTime = batchPerRequest(({ em }: RequestContext, zones: readonly string[]) => localTimes(em, zones));
  readonly #events = batchPerRequest(({ em }: RequestContext, pages: readonly ClientPage[]) =>
    listClientEvents(em, pages),
  );
  readonly #eventCount = batchPerRequest(({ em }: RequestContext, ids: readonly string[]) =>
    countClientEvents(em, ids),
  );

  constructor(
    private readonly timeZones: TimeZones,
    private readonly pool: pg.Pool,
  ) {}

  @Allow('clients:read')
  @Query(() => Client, { nullable: true, description: 'One client; NOT_FOUND when there is none, or it was deleted.' })
  async client(@Arg('id', () => ID, { description: 'Which client.' }) id: string): Promise<Client> {
    return await findClient(this.pool, id);
  }

  @Allow('clients:read')
  @Query(() => ClientConnection, {
    description: 'Clients. `totalCount` is exact: they are counted, a million in less than a second.',
  })
  async clients(
    @Args(() => PageArgs) page: PageArgs,
    @Arg('filter', () => ClientFilterInput, { nullable: true, description: 'Only these; none: all.' })
    input: ClientFilterInput | null,
    @Arg('orderBy', () => ClientOrder, {
      defaultValue: ClientOrder.NEWEST,
      description: 'How they are sorted; a cursor holds for one order only.',
    })
    order: ClientOrder,
    @Arg('skip', () => Int, {
      defaultValue: 0,
      description:
        'How many to pass over behind `after`: for a jump into the midst of the list. They are read one by one, so go from page to page with `after` alone.',
    })
    skip: number,
    @Ctx() { em, actor }: RequestContext,
  ) {
    const { list, parts, keyOf } = clientOrder(order, actor);
    const keyset = { ...readKeyset(page, list, parts), skip: parseInput(skipSchema, skip, ['skip']) };
    const filter = parseClientFilter(input, await this.timeZones.load(), actor);
    return new ClientConnection({
      keyset,
      rows: await listClients(em, filter, keyset, order),
      list,
      keyOf,
      count: () => countClients(em, filter),
    });
  }

  @Allow('clients:read')
  @Query(() => ClientFacets, {
    description: 'Which operator codes, tags and time zones clients have, and how many have them.',
  })
  async clientFacets(
    @Arg('filter', () => ClientFilterInput, { nullable: true, description: 'Only of these; none: of all.' })
    input: ClientFilterInput | null,
    @Ctx() { em, actor }: RequestContext,
  ): Promise<ClientFacets> {
    const filter = parseClientFilter(input, await this.timeZones.load(), actor);
    return new ClientFacets(em, filter);
  }

  @Allow('clients:write')
  @Mutation(() => ClientPayload, { description: 'Adds a client.' })
  async clientCreate(
    @Arg('input', () => ClientInput, { description: 'The new client.' }) input: ClientInput,
    @Ctx() { em, actor }: RequestContext,
  ): Promise<ClientPayload> {
    const zones = await this.timeZones.load();
    return payload(() => createClient(em, parseNewClient(input, zones), actor));
  }

  @Allow('clients:write')
  @Mutation(() => ClientPayload, { description: 'Changes the given fields of a client.' })
  async clientUpdate(
    @Arg('id', () => ID, { description: 'Which client.' }) id: string,
    @Arg('input', () => ClientInput, { description: 'What to change.' }) input: ClientInput,
    @Ctx() { em, actor }: RequestContext,
  ): Promise<ClientPayload> {
    const zones = await this.timeZones.load();
    return payload(() => updateClient(em, id, parseClientChanges(input, zones), actor));
  }

  @Allow('clients:write')
  @Mutation(() => ClientPayload, { description: 'Hides a client and frees its phone; its messages stay as history.' })
  async clientDelete(
    @Arg('id', () => ID, { description: 'Which client.' }) id: string,
    @Ctx() { em, actor }: RequestContext,
  ): Promise<ClientPayload> {
    return payload(() => deleteClient(em, id, actor));
  }

  @Allow('clients:write')
  @Mutation(() => ClientPayload, {
    description:
      'Brings a deleted client back, as it was when it was deleted, while its phone is free: else CONFLICT. An opt-out that belongs to the phone holds. One that is not deleted is answered as it is; messages that were cancelled stay so.',
  })
  async clientRestore(
    @Arg('id', () => ID, { description: 'Which client.' }) id: string,
    @Ctx() { em, actor }: RequestContext,
  ): Promise<ClientPayload> {
    return payload(() => restoreClient(em, id, actor));
  }

  @FieldResolver(() => ClientEventConnection, {
    description: 'What decided whether and when messages may reach it: opt-outs, deletions, zones; the newest first.',
  })
  async events(@Root() { id }: Client, @Args(() => PageArgs) page: PageArgs, @Ctx() context: RequestContext) {
    const list = 'client-event';
    const keyset = readKeyset(page, list);
    const rows = await this.#events(context, { clientId: id, keyset });
    const count = () => this.#eventCount(context, id);
    return new ClientEventConnection({ keyset, rows, list, keyOf: (row) => [row.id], count });
  }

  @FieldResolver(() => LocalTime, {
    nullable: true,
    description: 'The time now where this person lives; null: the database no longer knows the time zone.',
  })
  async localTime(@Root() { timeZone }: Client, @Ctx() context: RequestContext): Promise<string | null> {
    return await this.#localTime(context, timeZone);
  }
}

async function payload(work: () => Promise<Client>): Promise<ClientPayload> {
  const { result, userErrors } = await answer(work);
  return { client: result, userErrors };
}
