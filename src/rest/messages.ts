import type { FastifyInstance } from 'fastify';
import { z } from 'zod';
import type { Actor } from '../access/actor.js';
import { phone } from '../client/client.inputs.js';
import { keyed } from '../graphql/connection.js';
import { keyedCall } from '../graphql/idempotency-key.js';
import { parseInput } from '../graphql/parse-input.js';
import { Mailing } from '../mailing/mailing.js';
import { countedInRow, findMailing } from '../mailing/mailings.js';
import { MessageWords } from '../mailing/message-words.js';
import { parseRetryFilter, retryFilterSchema } from '../mailing/retry.inputs.js';
import { retryFailed, retryMessage } from '../mailing/retry-messages.js';
import { sendTest } from '../mailing/test-sends.js';
import { countAllMessages, listAllMessages } from '../message/all-messages.js';
import { countMessages, listMessages, MESSAGE_ORDERS, MessageOrder, orderOf } from '../message/list-messages.js';
import type { Message } from '../message/message.js';
import {
  asksOnlyForStatuses,
  assertMayAsk,
  type MessageFilter,
  messageFilterSchema,
  parseMessageFilter,
} from '../message/message-filter.js';
import { findMessage } from '../message/messages.js';
import { presentMessage, presentWhole, shownMessage, shownWhole } from './message-shown.js';
import { type PageQuery, pageShape, readPage, toPage } from './pages.js';
import { parameters } from './parameters.js';
import { rangeShape, withRanges } from './ranges.js';
import { type Call, callOf, idOf, keyHeader } from './resource.js';
import { byId, REST_PATH, type RestParts } from './rest-api.js';

const retried = z
  .object({
    retriedCount: z.int().describe('Messages that are open again.'),
    skippedCount: z.int().describe('Messages that stay as they are: their clients cannot be reached any more.'),
  })
  .meta({ id: 'Retried', description: 'What became of messages that were to be tried again.' });

const retryFilter = retryFilterSchema.meta({ id: 'RetryFilter', graphql: 'RetryFilterInput' });

const recipient = z
  .strictObject({
    clientId: z.string().nullish().describe('Who gets it: 409 when that client opted out.'),
    phone: phone.nullish().describe('Who gets it, as the client with this phone would, if there is one.'),
  })
  .meta({ id: 'TestRecipient', description: 'Who gets a test send: just one of the two.' });

const RANGES = ['createdAt', 'sentAt'];
const { mailingId, createdAt: __, sentAt: ___, ...simple } = messageFilterSchema.shape;
/** What the messages of a mailing can be asked for. */
export const messageFilterShape = { ...simple, ...rangeShape(...RANGES) };
const orderBy = z.enum(MessageOrder).describe('How they are sorted; left out: as above.');

/** @throws InputError; AppError FORBIDDEN on what only those may ask for who may see phones */
export function readMessageFilter(given: Record<string, unknown>, actor: Actor): MessageFilter {
  const filter = parseMessageFilter(withRanges(given, ...RANGES), []);
  assertMayAsk(actor, filter, '');
  return filter;
}

/** `/mailings/{id}/messages`, `/messages/{id}`, and what makes or opens messages. */
export function addMessages(api: FastifyInstance, parts: RestParts): void {
  const words = new MessageWords(parts.templates, parts.progress);
  const [read, write] = [{ allow: 'mailings:read' }, { allow: 'mailings:write' }] as const;
  const tags = ['messages'];

  const show = (message: Message, mailing: () => Promise<Mailing>) => presentMessage(words, message, mailing);
  const showWhole = ({ em }: Call, message: Message) => presentWhole(words, em, message);

  api.get('/mailings/:id/messages', {
    config: read,
    schema: {
      operationId: 'listMessages',
      summary: 'The messages of a mailing, newest first; open ones alone in the order in which they are due',
      tags,
      params: byId,
      querystring: parameters({ ...messageFilterShape, orderBy, ...pageShape }),
      response: { 200: z.array(shownMessage) },
    },
    handler: async (request, reply) => {
      const { em, actor } = callOf(request, parts);
      const { limit, cursor, count: _, orderBy, ...given } = request.query as PageQuery & Record<string, unknown>;
      const mailing = await findMailing(em, idOf(request));
      const filter = readMessageFilter(given, actor);
      const order = orderOf(filter, (orderBy as MessageOrder | undefined) ?? null);
      const { list, parts: key } = MESSAGE_ORDERS[order];
      const keyset = readPage({ limit, cursor }, list, key);
      const counted = asksOnlyForStatuses(filter) ? countedInRow(mailing, filter.statuses ?? []) : null;
      const owner = { owner: 'mailings', ids: [mailing.id] } as const;
      const [found] = counted === 0 ? [] : await listMessages(em, owner, { filter, keyset, order });
      const { rows, goOn } = found ?? { rows: [], goOn: null };
      const count = async () => counted ?? (await countMessages(em, owner, filter))[0] ?? 0;
      const listed = { keyset, ...keyed(rows), list, goOn, count };
      const messages = await toPage(request, reply, listed);
      return reply.send(await Promise.all(messages.map((message) => show(message, async () => mailing))));
    },
  });

  api.get('/messages', {
    config: read,
    schema: {
      operationId: 'listAllMessages',
      summary: 'The messages of all mailings, newest first',
      description:
        'A page looks at so many messages at the most: where few match, it may be short, and `Link` leads on from where it stopped.',
      tags,
      querystring: parameters({ mailingId, ...messageFilterShape, orderBy, ...pageShape }),
      response: { 200: z.array(shownMessage) },
    },
    handler: async (request, reply) => {
      const { em, actor } = callOf(request, parts);
      const { limit, cursor, count: _, orderBy, ...given } = request.query as PageQuery & Record<string, unknown>;
      const filter = readMessageFilter(given, actor);
      const order = orderOf(filter, (orderBy as MessageOrder | undefined) ?? null);
      const { list, parts: key } = MESSAGE_ORDERS[order];
      const keyset = readPage({ limit, cursor }, list, key);
      const { rows, goOn } = await listAllMessages(em, { filter, keyset, order });
      const count = () => countAllMessages(em, filter);
      const messages = await toPage(request, reply, { keyset, ...keyed(rows), list, goOn, count });
      const ids = [...new Set(messages.map((message) => message.mailingId))];
      const mailings = await em.find(Mailing, { id: { $in: ids } }, { disableIdentityMap: true });
      const mailingOf = (id: string) => mailings.find((mailing) => mailing.id === id) ?? findMailing(em, id);
      return reply.send(
        await Promise.all(messages.map((message) => show(message, async () => mailingOf(message.mailingId)))),
      );
    },
  });

  api.get('/messages/:id', {
    config: read,
    schema: {
      operationId: 'getMessage',
      summary: 'One message, by the id that the gateway sees',
      tags,
      params: byId,
      response: { 200: shownWhole },
    },
    handler: async (request, reply) => {
      const call = callOf(request, parts);
      return reply.send(await showWhole(call, await findMessage(call.em, idOf(request))));
    },
  });

  api.post('/messages/:id/retry', {
    config: { ...write, action: 'messageRetry' },
    schema: {
      operationId: 'retryMessage',
      summary: 'Have one FAILED or UNKNOWN message tried again',
      tags,
      params: byId,
      response: { 200: shownWhole },
    },
    handler: async (request, reply) => {
      const call = callOf(request, parts);
      return reply.send(await showWhole(call, await retryMessage(call, call.em, idOf(request), call.actor)));
    },
  });

  api.post('/mailings/:id/retry-failed', {
    config: { ...write, action: 'mailingRetryFailed' },
    schema: {
      operationId: 'retryFailed',
      summary: 'Have messages of a mailing that FAILED tried again',
      tags,
      params: byId,
      body: retryFilter,
      response: { 200: retried },
    },
    handler: async (request, reply) => {
      const call = callOf(request, parts);
      const filter = parseRetryFilter(request.body, call.actor, []);
      const found = await retryFailed(call, idOf(request), filter, call.actor);
      return reply.send({ retriedCount: found.retried, skippedCount: found.skipped });
    },
  });

  api.post('/mailings/:id/test-send', {
    config: { ...write, action: 'mailingSendTest' },
    schema: {
      operationId: 'sendTest',
      summary: "Send a mailing's text to one person at once",
      tags,
      params: byId,
      headers: keyHeader,
      body: recipient,
      response: { 201: shownWhole },
    },
    handler: async (request, reply) => {
      const call = callOf(request, parts);
      const id = idOf(request);
      const { clientId = null, phone: number = null } = parseInput(recipient, request.body);
      const once = keyedCall(call.actor, 'mailingSendTest', call.key, { id, clientId, phone: number });
      const message = await sendTest(call, id, { clientId, phone: number }, call.actor, once);
      reply.code(201).header('location', `${REST_PATH}/messages/${message.id}`);
      return reply.send(await showWhole(call, message));
    },
  });
}
