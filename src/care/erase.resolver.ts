import type pg from 'pg';
import { Arg, Ctx, Field, ID, Int, Mutation, ObjectType, Resolver } from 'type-graphql';
import { Allow } from '../access/allow.js';
import type { RequestContext } from '../access/request-context.js';
import { answer, UserError } from '../graphql/user-error.js';
import { eraseClient } from './erase.js';

/** What erasing somebody came to. */
@ObjectType({ description: 'What erasing somebody came to.', simpleResolvers: true })
export class ClientErasePayload {
  @Field(() => Int, {
    description: 'Clients of whom nothing personal is left: this one, and deleted ones with its phone.',
  })
  clients!: number;

  @Field(() => Int, {
    description: 'Their messages: they stay, with status and times, and without phone and attributes.',
  })
  messages!: number;

  @Field(() => [UserError], { description: 'Empty: it is done.' })
  userErrors!: UserError[];
}

/** Erases people on request. */
@Resolver()
export class EraseResolver {
  constructor(private readonly options: { pool: pg.Pool }) {}

  @Allow('access:admin')
  @Mutation(() => ClientErasePayload, {
    description:
      'Erases the personal data of a client, deleted or not, and of deleted ones with its phone. It cannot be undone: phone, tags and attributes go, also from messages and rejected lines of imports; what is open of it is cancelled. An opt-out is kept for the phone as a keyed hash. Done again it looks for what is left.',
  })
  async clientErase(
    @Arg('id', () => ID, { description: 'Which client.' }) id: string,
    @Ctx() { actor }: RequestContext,
  ): Promise<ClientErasePayload> {
    const { result, userErrors } = await answer(() => eraseClient(this.options.pool, id, actor));
    const { clients, messages } = result ?? { clients: 0, messages: 0 };
    return Object.assign(new ClientErasePayload(), { clients, messages, userErrors });
  }
}
