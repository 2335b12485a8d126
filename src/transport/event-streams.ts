import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { type ExecutionResult, GraphQLError, getOperationAST, OperationTypeNode } from 'graphql';
import { z } from 'zod';
import { type Identity, keyOf } from '../access/access.js';
import type { EndReason } from '../access/identity-watch.js';
import { AppError } from '../errors.js';
import { parseInput } from '../graphql/parse-input.js';
import { EventStream } from './event-stream.js';
import { GRAPHQL_PATH, type GraphQLOptions } from './graphql.js';
import { refuse } from './http.js';
import { type Asked, type LiveOperations, MAX_OPERATIONS, MAX_PAYLOAD } from './live-operations.js';

/** Where subscriptions are told as server-sent events. */
export const STREAM_PATH = `${GRAPHQL_PATH}/stream`;

const EVENTS = 'text/event-stream';

const askedShape = z.object({
  query: z.string(),
  operationName: z.string().nullish(),
  variables: z.record(z.string(), z.unknown()).nullish(),
});

/** Why a stream ends before its time: as 4401 and 4403 on a WebSocket. */
const ENDED: Record<EndReason, AppError> = {
  over: new AppError('UNAUTHENTICATED', 'What you came in with is over: sign in, or take another token.'),
  changed: new AppError('FORBIDDEN', 'What you may do has changed: connect again.'),
};

/** Subscriptions for those whose proxies let no WebSocket through. */
export class EventStreams {
  /** By what somebody came in with. */
  readonly #streams = new Map<string, Set<EventStream>>();
  #isClosing = false;

  constructor(
    private readonly options: Pick<GraphQLOptions, 'watch'>,
    private readonly operations: LiveOperations,
  ) {}

  /** How many streams are open. */
  get size(): number {
    return [...this.#streams.values()].reduce((sum, { size }) => sum + size, 0);
  }

  /** Puts the route on a server. */
  attach(app: FastifyInstance): void {
    app.route({
      method: ['GET', 'POST'],
      url: STREAM_PATH,
      exposeHeadRoute: false,
      bodyLimit: MAX_PAYLOAD,
      // That somebody went away is no news.
      logLevel: 'warn',
      config: { allow: 'signed-in', staysOpen: true },
      handler: (request, reply) => this.#answer(request, reply),
    });
  }

  /** Cuts everybody off, without a last word that would tell them not to come back; whoever comes from now on is refused. */
  close(): void {
    this.#isClosing = true;
    for (const streams of this.#streams.values()) for (const stream of streams) stream.destroy();
  }

  #answer(request: FastifyRequest, reply: FastifyReply): FastifyReply {
    const { identity, ip, headers } = request;
    if (identity === null) throw new Error('event streams are not guarded');
    // Also, no page can have a browser ask for that type without a script.
    if (!headers.accept?.includes(EVENTS)) {
      return refuse(reply, 406, {
        code: 'BAD_USER_INPUT',
        message: `Here are event streams: send \`Accept: ${EVENTS}\`.`,
      });
    }
    const asked = readAsked(request);
    const stream = this.#open(identity, () => this.#begin(asked, identity, ip));
    // nginx would keep events back until it has a few thousand bytes of them.
    return reply.type(`${EVENTS}; charset=utf-8`).header('x-accel-buffering', 'no').send(stream);
  }

  /** @throws AppError when there are too many already */
  #open(identity: Identity, begin: () => Promise<AsyncIterator<ExecutionResult>>): EventStream {
    if (this.#isClosing) throw new AppError('UNAVAILABLE', 'The server is about to end. Try again in a moment.');
    const key = keyOf(identity.credential);
    const streams = this.#streams.get(key) ?? new Set();
    if (streams.size >= MAX_OPERATIONS) {
      throw new AppError('RATE_LIMITED', `At most ${MAX_OPERATIONS} streams at the same time.`);
    }
    const stream = new EventStream({ begin, show: (result) => this.operations.shown(result) });
    const unwatch = this.options.watch.add(identity, (why) => stream.dismiss(ENDED[why]));
    this.#streams.set(key, streams.add(stream));
    stream.once('close', () => {
      unwatch();
      streams.delete(stream);
      if (streams.size === 0) this.#streams.delete(key);
    });
    return stream;
  }

  /** Browsers tell a page nothing of an answer that is no stream; so what is wrong with an operation is said in one. */
  async #begin(asked: Asked, { actor }: Identity, ip: string | null): Promise<AsyncIterator<ExecutionResult>> {
    const prepared = this.operations.prepare(asked, actor, ip);
    if (!('schema' in prepared)) return once({ errors: prepared });
    const operation = getOperationAST(prepared.document, prepared.operationName);
    if (operation && operation.operation !== OperationTypeNode.SUBSCRIPTION) {
      const message = `Here go subscriptions; queries and mutations go to ${GRAPHQL_PATH}.`;
      return once({ errors: [new GraphQLError(message, { extensions: { code: 'BAD_USER_INPUT' } })] });
    }
    const answer = await this.operations.subscriber.subscribe(prepared);
    return Symbol.asyncIterator in answer ? answer : once(answer);
  }
}

async function* once(result: ExecutionResult): AsyncGenerator<ExecutionResult, void, void> {
  yield result;
}

/** As in GraphQL over HTTP: a JSON body, or in the address with the variables as JSON. @throws AppError BAD_USER_INPUT */
function readAsked({ method, query, body }: FastifyRequest): Asked {
  if (method !== 'GET') return parseInput(askedShape, body);
  const { variables, ...rest } = query as Record<string, unknown>;
  return parseInput(askedShape, { ...rest, ...(variables !== undefined && { variables: fromJson(variables) }) });
}

/** What is no JSON stays as it is, for the schema to refuse. */
function fromJson(text: unknown): unknown {
  try {
    return JSON.parse(String(text));
  } catch {
    return text;
  }
}
