import { Arg, Args, Ctx, Field, ID, Mutation, ObjectType, Query, Resolver } from 'type-graphql';
import { z } from 'zod';
import { AppError } from '../errors.js';
import { connectionType, PageArgs, readKeyset } from '../graphql/connection.js';
import { parseInput } from '../graphql/parse-input.js';
import { answer, UserError } from '../graphql/user-error.js';
import { Allow } from './allow.js';
import type { PasswordLinks } from './password-links.js';
import { ROLES } from './permission.js';
import type { RequestContext } from './request-context.js';
import type { SignIn } from './sign-in.js';
import { parseNewUser, parseUserChanges, password, UserInviteInput, UserUpdateInput } from './user.inputs.js';
import { UserAccount } from './user-account.js';
import { countUsers, createUser, findUser, listUsers, updateUser } from './users.js';

const UserConnection = connectionType('User', UserAccount);

@ObjectType({ description: 'What became of a change to a user.' })
export class UserPayload {
  @Field(() => UserAccount, { nullable: true, description: 'Null when there are user errors.' })
  user!: UserAccount | null;

  @Field(() => [UserError], { description: 'Empty: it is done.' })
  userErrors!: UserError[];
}

@ObjectType({ description: 'A link by which a person sets their password.' })
export class UserLinkPayload extends UserPayload {
  @Field(() => String, {
    nullable: true,
    description:
      'Hand it to nobody but this person: it works once, within an hour. Null: it was mailed to them, or there are user errors.',
  })
  link!: string | null;
}

@ObjectType({ description: 'What became of a change of password.' })
export class PasswordChangePayload {
  @Field(() => [UserError], { description: 'Empty: it is done, and every session of yours is over.' })
  userErrors!: UserError[];
}

@Resolver()
export class UserResolver {
  constructor(
    private readonly links: Pick<PasswordLinks, 'hand'>,
    private readonly signIn: Pick<SignIn, 'changePassword'>,
    /** Whether people can sign in by an OpenID provider. */
    private readonly byProvider: boolean,
  ) {}

  @Allow('access:admin')
  @Query(() => UserConnection, { description: 'Everybody with an account, newest first.' })
  async users(@Args(() => PageArgs) page: PageArgs, @Ctx() { em }: RequestContext) {
    const list = 'user';
    const keyset = readKeyset(page, list);
    const rows = await listUsers(em, keyset);
    return new UserConnection({ keyset, rows, list, keyOf: (row) => [row.id], count: () => countUsers(em) });
  }

  @Allow('access:admin')
  @Mutation(() => UserLinkPayload, {
    description:
      'Makes an account, and a link by which its owner sets a password; its role may do no more than you. The link is mailed where a mail server is set up, else it is in the answer.',
  })
  async userInvite(
    @Arg('input', () => UserInviteInput, { description: 'Who.' }) input: UserInviteInput,
    @Ctx() { em, actor }: RequestContext,
  ): Promise<UserLinkPayload> {
    return await this.#withLink(() => createUser(em, actor, parseNewUser(input)));
  }

  @Allow('access:admin')
  @Mutation(() => UserLinkPayload, {
    description:
      'Another link for somebody who has an account but no password, or forgot it; who may do more than you gets none from you. Links made before hold too.',
  })
  async userLink(
    @Arg('id', () => ID, { description: 'Which user.' }) id: string,
    @Ctx() { em, actor }: RequestContext,
  ): Promise<UserLinkPayload> {
    return await this.#withLink(async () => {
      const user = await findUser(em, id);
      // Whoever has the link is that user.
      actor.needAll(ROLES[user.role], 'id');
      if (user.disabledAt !== null) throw new AppError('CONFLICT', 'This user is disabled: enable them first.', 'id');
      return user;
    });
  }

  @Allow('access:admin')
  @Mutation(() => UserPayload, {
    description:
      'Changes the given fields of a user, from the next request on. Nobody gives more rights than they have, and the last admin who can sign in stays one.',
  })
  async userUpdate(
    @Arg('id', () => ID, { description: 'Which user.' }) id: string,
    @Arg('input', () => UserUpdateInput, { description: 'What to change.' }) input: UserUpdateInput,
    @Ctx() { em, actor }: RequestContext,
  ): Promise<UserPayload> {
    const { byProvider } = this;
    const { result, userErrors } = await answer(() =>
      updateUser(em, { id, changes: parseUserChanges(input), actor, byProvider }),
    );
    return { user: result, userErrors };
  }

  @Allow('signed-in')
  @Mutation(() => PasswordChangePayload, {
    description:
      'Gives you another password; every session of yours is over then, this one too. Wrong guesses count like those at the sign-in: RATE_LIMITED.',
  })
  async passwordChange(
    @Arg('currentPassword', () => String, { description: 'The one you have.' }) currentPassword: string,
    @Arg('newPassword', () => String, { description: 'At least 15 characters: a few words are easy to remember.' })
    newPassword: string,
    @Ctx() { actor }: RequestContext,
  ): Promise<PasswordChangePayload> {
    const { userErrors } = await answer(async () => {
      const given = parseInput(z.object({ currentPassword: password, newPassword: password }), {
        currentPassword,
        newPassword,
      });
      if (actor.userId === null) throw new AppError('CONFLICT', 'You are signed in without an account of your own.');
      await this.signIn.changePassword(actor.userId, given.currentPassword, given.newPassword);
    });
    return { userErrors };
  }

  /** The account is there also when its letter could not be sent: then `userLink` tries again. */
  async #withLink(find: () => Promise<UserAccount>): Promise<UserLinkPayload> {
    const { result, userErrors } = await answer(find);
    return { user: result, link: result && (await this.links.hand(result)), userErrors };
  }
}
