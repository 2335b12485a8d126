import { Ctx, Field, ObjectType, Query, Resolver } from 'type-graphql';
import type { RequestContext } from './request-context.js';

/** Whoever asks. */
@ObjectType({ description: 'Whoever asks.' })
export class Viewer {
  @Field(() => String, {
    description: '`admin` with the admin token, `session` in a browser that opened the one-time link.',
  })
  readonly name: string;

  constructor(name: string) {
    this.name = name;
  }
}

@Resolver()
export class ViewerResolver {
  @Query(() => Viewer, { description: 'Who you are to this server; a cheap way to see whether you are signed in.' })
  viewer(@Ctx() { actor }: RequestContext): Viewer {
    return new Viewer(actor.name);
  }
}
