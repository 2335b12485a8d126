import type { Logger } from '../platform/log.js';
import { type Access, type Credential, type Identity, keyOf } from './access.js';

/** How often it is looked whether what live connections came in with still holds, ms. */
const LOOK_EVERY = 2_000;

/** Why a live connection has to end: what it came in with is over, or allows something else than it did. */
export type EndReason = 'over' | 'changed';

interface Watched {
  readonly identity: Identity;
  readonly end: (why: EndReason) => void;
}

/** Ends live connections, WebSockets and others, once whoever opened them may no longer come in as they did. */
export class IdentityWatch {
  readonly #watched = new Set<Watched>();
  readonly #timer: NodeJS.Timeout;

  constructor(
    private readonly access: Pick<Access, 'living'>,
    private readonly log: Logger,
  ) {
    this.#timer = setInterval(() => void this.#look(), LOOK_EVERY);
  }

  /**
   * @param end closes the connection; called once at most
   * @returns what takes the connection off the watch, when it is over by itself
   */
  add(identity: Identity, end: (why: EndReason) => void): () => void {
    const watched = { identity, end };
    this.#watched.add(watched);
    return () => void this.#watched.delete(watched);
  }

  /** Ends the live connections of a credential at once. */
  end(credential: Credential): void {
    for (const each of this.#watched) {
      if (keyOf(each.identity.credential) === keyOf(credential)) this.#end(each, 'over');
    }
  }

  close(): void {
    clearInterval(this.#timer);
  }

  /** One query for all. While the database is away nobody is thrown out: there is nothing to be seen either. */
  async #look(): Promise<void> {
    const watched = [...this.#watched].filter(({ identity }) => identity.credential.kind !== 'admin');
    if (watched.length === 0) return;
    const identities = new Map(watched.map(({ identity }) => [keyOf(identity.credential), identity]));
    try {
      const living = await this.access.living([...identities.values()]);
      for (const each of watched) {
        const actor = living.get(keyOf(each.identity.credential));
        if (actor === undefined) this.#end(each, 'over');
        else if (String(actor.permissions) !== String(each.identity.actor.permissions)) this.#end(each, 'changed');
      }
    } catch (error) {
      this.log.debug({ err: error }, 'it could not be checked who may still be connected');
    }
  }

  #end(watched: Watched, why: EndReason): void {
    if (this.#watched.delete(watched)) watched.end(why);
  }
}
