import { Arg, Args, Ctx, Field, ID, Mutation, ObjectType, Query, Resolver } from 'type-graphql';
import { connectionType, PageArgs, readKeyset } from '../graphql/connection.js';
import { answer, UserError } from '../graphql/user-error.js';
import { Allow } from './allow.js';
import { parseNewToken, TokenInput } from './api-token.inputs.js';
import { ApiToken } from './api-token.js';
import { countTokens, createToken, listTokens, revokeToken, tokensFor } from './api-tokens.js';
import type { RequestContext } from './request-context.js';

const ApiTokenConnection = connectionType('ApiToken', ApiToken);

@ObjectType({ description: 'What became of a change to a token.' })
export class TokenPayload {
  @Field(() => ApiToken, { nullable: true, description: 'Null when there are user errors.' })
  token!: ApiToken | null;

  @Field(() => [UserError], { description: 'Empty: it is done.' })
  userErrors!: UserError[];
}

@ObjectType({ description: 'A token just made.' })
export class NewTokenPayload extends TokenPayload {
  @Field(() => String, {
    nullable: true,
    description:
      'What to send as `Authorization: Bearer <secret>`. It is shown this once. Null when there are user errors.',
  })
  secret!: string | null;
}

@Resolver()
export class ApiTokenResolver {
  @Allow('signed-in')
  @Query(() => ApiTokenConnection, { description: 'Your tokens, newest first, with those that are over.' })
  async tokens(
    @Args(() => PageArgs) page: PageArgs,
    @Arg('everybodys', () => Boolean, { defaultValue: false, description: 'Those of others too: needs ACCESS_ADMIN.' })
    everybodys: boolean,
    @Ctx() { em, actor }: RequestContext,
  ) {
    const { owner, list } = tokensFor(actor, everybodys);
    const keyset = readKeyset(page, list);
    const rows = await listTokens(em, owner, keyset);
    return new ApiTokenConnection({ keyset, rows, list, keyOf: ({ id }) => [id], count: () => countTokens(em, owner) });
  }

  @Allow('signed-in')
  @Mutation(() => NewTokenPayload, { description: 'Makes a token for a program of yours. A token makes no tokens.' })
  async tokenCreate(
    @Arg('input', () => TokenInput, { description: 'The new token.' }) input: TokenInput,
    @Ctx() { em, actor }: RequestContext,
  ): Promise<NewTokenPayload> {
    const { result, userErrors } = await answer(() => createToken(em, actor, parseNewToken(input)));
    return { token: result?.token ?? null, secret: result?.secret ?? null, userErrors };
  }

  @Allow('signed-in')
  @Mutation(() => TokenPayload, {
    description:
      'Ends a token for good, and its live connections within five seconds. Your own; with ACCESS_ADMIN anybody’s.',
  })
  async tokenRevoke(
    @Arg('id', () => ID, { description: 'Which token.' }) id: string,
    @Ctx() { em, actor }: RequestContext,
  ): Promise<TokenPayload> {
    const { result, userErrors } = await answer(() => revokeToken(em, actor, id));
    return { token: result, userErrors };
  }
}
