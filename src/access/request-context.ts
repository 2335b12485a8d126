import type { EntityManager } from '@mikro-orm/postgresql';
import type { Actor } from './actor.js';

/**
 * What every resolver gets by `@Ctx()`. One is made for each HTTP request, and for each operation on a WebSocket;
 * nothing in it outlives that.
 */
export interface RequestContext {
  readonly actor: Actor;
  /** A fork of its own: what one request loads, no other sees. */
  readonly em: EntityManager;
}
