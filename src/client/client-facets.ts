import type { EntityManager } from '@mikro-orm/postgresql';
import { Field, Int, ObjectType } from 'type-graphql';
import { type ClientFilter, clientsWhere } from './client-filter.js';
import { countClients } from './list-clients.js';

/** Values of one kind that are shown. */
const MAX_VALUES = 1_000;

@ObjectType({ description: 'A value, and how many clients have it.' })
export class FacetValue {
  @Field(() => String, { description: 'An operator code, a tag, or a time zone.' })
  value!: string;

  @Field(() => Int, { description: 'How many clients have it.' })
  count!: number;
}

const VALUES = `the most common first, up to ${MAX_VALUES}.`;

/** What the clients that a filter means have in common. Each field is counted only when it is asked for. */
@ObjectType({ description: 'What the clients that a filter means have in common; counted exactly, one by one.' })
export class ClientFacets {
  readonly #em: EntityManager;
  readonly #filter: ClientFilter;

  constructor(em: EntityManager, filter: ClientFilter) {
    this.#em = em;
    this.#filter = filter;
  }

  @Field(() => Int, { description: 'How many clients there are.' })
  totalCount(): Promise<number> {
    return countClients(this.#em, this.#filter);
  }

  @Field(() => [FacetValue], { description: `Their operator codes, ${VALUES}` })
  operatorCodes(): Promise<FacetValue[]> {
    return this.#count('select c.operator_code as value, count(*)::int as count from client c', 'group by 1');
  }

  /** Clients with the same tags are counted first: there are few sets of tags, and taking a million apart takes seconds. */
  @Field(() => [FacetValue], { description: `Their tags, ${VALUES}` })
  tags(): Promise<FacetValue[]> {
    return this.#count(
      `select t.value, sum(s.count)::int as count from (select c.tags, count(*) as count from client c`,
      'group by c.tags) s cross join lateral unnest(s.tags) t (value) group by 1',
    );
  }

  @Field(() => [FacetValue], { description: `Their time zones, ${VALUES}` })
  timeZones(): Promise<FacetValue[]> {
    return this.#count('select c.time_zone as value, count(*)::int as count from client c', 'group by 1');
  }

  async #count(select: string, group: string): Promise<FacetValue[]> {
    const { sql, values } = clientsWhere(this.#filter);
    return await this.#em.execute<FacetValue[]>(
      `${select} where ${sql} ${group} order by count desc, value limit ${MAX_VALUES}`,
      values,
    );
  }
}
