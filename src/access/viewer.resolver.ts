import { Ctx, Field, ObjectType, Query, Resolver } from 'type-graphql';
import type { Actor } from './actor.js';
import { Allow } from './allow.js';
import { type Permission, PermissionName, type Role } from './permission.js';
import type { RequestContext } from './request-context.js';
import { RoleName } from './user-account.js';

/** Whoever asks. */
@ObjectType({ description: 'Whoever asks.' })
export class Viewer {
  @Field(() => String, {
    description:
      '`admin` with the admin token, `session` in a browser that opened the one-time link, `user:<e-mail>`, `token:<name>`, `jwt:<subject>`.',
  })
  readonly name: string;

  @Field(() => RoleName, { description: 'Your role; of a token the role of its owner.' })
  readonly role: Role;

  @Field(() => [PermissionName], { description: 'What you may do.' })
  readonly permissions: readonly Permission[];

  constructor({ name, role, permissions }: Actor) {
    this.name = name;
    this.role = role;
    this.permissions = permissions;
  }
}

@Resolver()
export class ViewerResolver {
  @Allow('signed-in')
  @Query(() => Viewer, { description: 'Who you are to this server; a cheap way to see whether you are signed in.' })
  viewer(@Ctx() { actor }: RequestContext): Viewer {
    return new Viewer(actor);
  }
}
