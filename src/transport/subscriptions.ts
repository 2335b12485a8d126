import type { IncomingMessage } from 'node:http';
import type { Duplex } from 'node:stream';
import type { FastifyInstance } from 'fastify';
import { type ExecutionArgs, GraphQLError } from 'graphql';
import { type Context, handleProtocols, makeServer, type SubscribePayload } from 'graphql-ws';
import { type WebSocket, WebSocketServer } from 'ws';
import type { Identity } from '../access/access.js';
import type { EndReason } from '../access/identity-watch.js';
import { sessionCookie } from '../access/session-cookie.js';
import { AppError } from '../errors.js';
import { isDatabaseAway } from '../platform/database-away.js';
import { callerAddress } from './caller-address.js';
import { GRAPHQL_PATH, type GraphQLOptions } from './graphql.js';
import type { CountAsked } from './limit-requests.js';
import { type LiveOperations, MAX_OPERATIONS, MAX_PAYLOAD } from './live-operations.js';
import { isAllowedOrigin } from './origin.js';
import { wireSocket } from './socket.js';
import { refuseUpgrade } from './upgrade.js';

/** How long a socket may stay without saying who it is, ms. */
const INIT_WITHIN = 3_000;

interface Extra {
  socket: WebSocket;
  /** The session cookie's secret as it came with the upgrade. */
  cookie: string | undefined;
  ip: string | null;
  /** Null until connection_init was accepted. */
  identity: Identity | null;
  /** Takes the socket off the watch; undefined until it was let in. */
  unwatch?: () => void;
}
type Init = Record<string, unknown>;

/** graphql-ws at /graphql: queries, mutations and subscriptions, for those who say who they are. */
export class Subscriptions {
  readonly #options: GraphQLOptions;
  readonly #sockets = new WebSocketServer({ noServer: true, maxPayload: MAX_PAYLOAD, handleProtocols });

  constructor(
    options: GraphQLOptions,
    private readonly operations: LiveOperations,
    /** Each operation counts as a request does. */
    private readonly count: CountAsked = async () => {},
  ) {
    this.#options = options;
  }

  /** How many sockets are open, and the bytes on their way to clients that have not taken them yet. */
  get load(): { sockets: number; buffered: number } {
    const open = [...this.#sockets.clients];
    return { sockets: open.length, buffered: open.reduce((sum, { bufferedAmount }) => sum + bufferedAmount, 0) };
  }

  /** Takes over the upgrades of a server. */
  attach(app: FastifyInstance): void {
    const { publicUrl, log, trustProxy = [] } = this.#options;
    const addressOf = callerAddress(trustProxy);
    const { operations } = this;
    const server = makeServer<Init, Extra>({
      connectionInitWaitTimeout: INIT_WITHIN,
      onConnect: (ctx) => this.#admit(ctx),
      onSubscribe: (ctx, _id, payload) => this.#prepare(ctx, payload),
      subscribe: (args) => operations.subscriber.subscribe(args),
      onNext: (_ctx, _id, _payload, _args, result) => operations.shown(result),
      onError: (_ctx, _id, _payload, errors) => operations.shown({ errors }).errors,
    });
    app.server.on('upgrade', (request: IncomingMessage, socket: Duplex, head: Buffer) => {
      socket.on('error', () => socket.destroy());
      const { origin, host } = request.headers;
      if (!isGraphQLPath(request.url)) return refuseUpgrade(socket, '404 Not Found', 'NOT_FOUND');
      if (!isAllowedOrigin(origin, host, publicUrl)) return refuseUpgrade(socket, '403 Forbidden', 'FORBIDDEN');
      const cookie = app.parseCookie(request.headers.cookie ?? '')[sessionCookie(publicUrl).name];
      this.#sockets.handleUpgrade(request, socket, head, (ws) => {
        const extra: Extra = { socket: ws, cookie, ip: addressOf(request), identity: null };
        const closed = server.opened(wireSocket(ws, log), extra);
        ws.once('close', (code, reason) => {
          extra.unwatch?.();
          closed(code, String(reason)).catch((error: unknown) =>
            log.error({ err: error }, 'a subscription did not end'),
          );
        });
      });
    });
  }

  /** Sends everybody away; clients come back by themselves, here or on another server. */
  async close(): Promise<void> {
    // Whoever comes from now on is refused with 503; else one who is back before the last has left would stay for good.
    this.#sockets.close();
    const gone = [...this.#sockets.clients].map(
      (socket) =>
        new Promise<void>((resolve) =>
          socket.readyState === socket.CLOSED ? resolve() : socket.once('close', () => resolve()),
        ),
    );
    for (const socket of this.#sockets.clients) {
      socket.close(1001, 'Going away');
      // Whoever does not read does not see that either.
      setTimeout(() => socket.terminate(), 1_000).unref();
    }
    await Promise.all(gone);
  }

  /** graphql-ws would close with 4403; for somebody who may sign in and come back the right word is 4401. */
  async #admit({ connectionParams, extra }: Context<Init, Extra>): Promise<boolean> {
    try {
      const authorization = authorizationOf(connectionParams);
      extra.identity =
        authorization === null ? null : await this.#options.access.identify({ authorization, cookie: extra.cookie });
    } catch (error) {
      const isPassing = isDatabaseAway(error) || (error instanceof AppError && error.code === 'UNAVAILABLE');
      if (!isPassing) throw error;
      extra.socket.close(1013, 'Try again later');
      return false;
    }
    const { identity, socket } = extra;
    if (identity === null) socket.close(4401, 'Unauthorized');
    // Gone already: nobody would take it off the watch again.
    else if (socket.readyState === socket.OPEN)
      extra.unwatch = this.#options.watch.add(identity, (why) => dismiss(socket, why));
    return identity !== null;
  }

  async #prepare(
    { extra: { identity, ip }, subscriptions }: Context<Init, Extra>,
    payload: SubscribePayload,
  ): Promise<ExecutionArgs | GraphQLError[]> {
    if (identity === null) throw new Error('an operation before connection_init was accepted');
    try {
      if (Object.keys(subscriptions).length > MAX_OPERATIONS) {
        throw new AppError('RATE_LIMITED', `At most ${MAX_OPERATIONS} operations at the same time on one socket.`);
      }
      await this.count(identity);
    } catch (error) {
      if (!(error instanceof AppError)) throw error;
      return [new GraphQLError(error.message, { extensions: { code: error.code } })];
    }
    return this.operations.prepare(payload, identity.actor, ip);
  }
}

/** Who comes back after 4403 is let in with what they may do by then; after 4401 they have to sign in first. */
function dismiss(socket: WebSocket, why: EndReason): void {
  if (why === 'over') socket.close(4401, 'Unauthorized');
  else socket.close(4403, 'Forbidden');
}

/** As over HTTP, with or without a slash at the end. */
function isGraphQLPath(url: string | undefined): boolean {
  const path = url?.split('?', 1)[0];
  return path === GRAPHQL_PATH || path === `${GRAPHQL_PATH}/`;
}

/** What stands in for the header of that name, spelled in any case as there; null: nothing that could open anything. */
function authorizationOf(params: Init | undefined): string | null | undefined {
  const [given, ...more] = Object.entries(params ?? {}).filter(([name]) => name.toLowerCase() === 'authorization');
  if (given === undefined) return undefined;
  return typeof given[1] === 'string' && more.length === 0 ? given[1] : null;
}
