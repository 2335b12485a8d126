import type pg from 'pg';
import { Field, Int, ObjectType } from 'type-graphql';
import { UserError } from '../graphql/user-error.js';
import { countAudience, type PlaceOf, warnOfAudience } from './audience.inputs.js';
import { Mailing, MailingStatus } from './mailing.js';

const NOT_LAUNCHED: readonly MailingStatus[] = [MailingStatus.DRAFT, MailingStatus.SCHEDULED];

/** What became of a change to a mailing. The audience is looked at only when asked for. */
@ObjectType({ description: 'What became of a change to a mailing.' })
export class MailingPayload {
  @Field(() => Mailing, { nullable: true, description: 'Null when there are user errors.' })
  mailing: Mailing | null;

  @Field(() => [UserError], { description: 'Empty: it is done.' })
  userErrors: UserError[];

  readonly #pool: pg.Pool;
  readonly #placeOf: PlaceOf;
  #counting: Promise<number> | undefined;

  /** @param placeOf where the caller wrote a value that a warning is about; else it is its place in the stored filter */
  constructor(pool: pg.Pool, mailing: Mailing | null, userErrors: UserError[], placeOf: PlaceOf = (_, at) => at) {
    this.mailing = mailing;
    this.userErrors = userErrors;
    this.#pool = pool;
    this.#placeOf = placeOf;
  }

  @Field(() => Int, {
    nullable: true,
    description: 'How many clients the filter matches now; null: there are user errors, or the mailing was launched.',
  })
  async audienceCount(): Promise<number | null> {
    const filter = this.#filter();
    return filter === null ? null : await this.#count(filter);
  }

  @Field(() => [UserError], {
    description: 'What is probably a slip: values of the filter that no client has, a filter that matches nobody.',
  })
  async warnings(): Promise<UserError[]> {
    const filter = this.#filter();
    return filter === null ? [] : await warnOfAudience(this.#pool, filter, await this.#count(filter), this.#placeOf);
  }

  #filter() {
    return this.mailing !== null && NOT_LAUNCHED.includes(this.mailing.status) ? this.mailing.filter : null;
  }

  #count(filter: Mailing['filter']): Promise<number> {
    this.#counting ??= countAudience(this.#pool, filter);
    return this.#counting;
  }
}
