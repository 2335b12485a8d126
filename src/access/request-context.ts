import type { EntityManager } from '@mikro-orm/postgresql';
import type { Actor } from './actor.js';

/** Finds the one instance of a resolver class; throws for a class that there is none of. */
export interface ResolverInstances {
  get<T extends object>(type: abstract new (...args: never[]) => T): T;
}

/**
 * What every resolver gets by `@Ctx()`. One is made for each HTTP request, for each operation on a WebSocket, and for
 * each event of a subscription; nothing in it outlives that.
 */
export interface RequestContext {
  readonly actor: Actor;
  /** Where the request came from: for the audit log. Null: from within. */
  readonly ip: string | null;
  /** A fork of its own: what one request loads, no other sees. */
  readonly em: EntityManager;
  /** For `subscribe` of a subscription, which type-graphql calls without the resolver's instance. */
  readonly resolvers: ResolverInstances;
}

/** A context whose `em` is made when it is asked for: what is read past the ORM does not need one. */
export class OneRequest implements RequestContext {
  // No private name: Apollo works with a copy of the context, which would not have it.
  private forked: EntityManager | undefined;

  constructor(
    readonly actor: Actor,
    readonly ip: string | null,
    readonly resolvers: ResolverInstances,
    private readonly shared: EntityManager,
  ) {}

  get em(): EntityManager {
    this.forked ??= this.shared.fork();
    return this.forked;
  }
}
