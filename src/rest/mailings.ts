import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { z } from 'zod';
import type { By } from '../access/actor.js';
import { AppError } from '../errors.js';
import { keyed } from '../graphql/connection.js';
import { keyedCall } from '../graphql/idempotency-key.js';
import { InputError, parseInput } from '../graphql/parse-input.js';
import { duplicateMailing } from '../mailing/duplicate-mailing.js';
import { createMailing, updateMailing } from '../mailing/edit-mailing.js';
import {
  cancelMailing,
  deleteMailing,
  pauseMailing,
  resumeMailing,
  scheduleMailing,
  startMailing,
} from '../mailing/lifecycle.js';
import type { LifecycleParts } from '../mailing/lifecycle-parts.js';
import { countMailings, listMailings, MAILING_ORDERS, MailingOrder } from '../mailing/list-mailings.js';
import {
  mailingSchema,
  nameSchema,
  newMailingSchema,
  parseMailingChanges,
  parseNewMailing,
} from '../mailing/mailing.inputs.js';
import type { Mailing } from '../mailing/mailing.js';
import { mailingFilterSchema, parseMailingFilter } from '../mailing/mailing-filter.js';
import { findMailing } from '../mailing/mailings.js';
import { presentMailings, shownMailing } from './mailing-shown.js';
import { readPage } from './pages.js';
import { rangeShape, withRanges } from './ranges.js';
import { addResource, callOf, idOf, keyHeader, matchHeader, type Resource } from './resource.js';
import { anyZone, byId, REST_PATH, type RestParts } from './rest-api.js';
import { isKnown, requiredRevision } from './revision.js';

const draft = z.boolean().nullish().describe('`true`: only write it down; schedule or start it later.');
const create = newMailingSchema(anyZone).extend({ draft }).meta({ id: 'NewMailing', graphql: 'MailingInput' });
const replace = mailingSchema(anyZone).meta({ id: 'WholeMailing', graphql: 'MailingInput' });
const change = mailingSchema(anyZone).partial().meta({ id: 'MailingChanges', graphql: 'MailingInput' });

const RANGES = ['startsAt', 'endsAt', 'createdAt'];

const copy = z.strictObject({ name: nameSchema.nullish().describe('Left out: its name with "(copy)" behind it.') });
const copyOptions = copy.nullish().meta({ id: 'CopyOptions', description: 'May be left out.' });

const mailings: Resource<Mailing> = {
  one: 'mailing',
  all: 'mailings',
  takesKey: true,
  shown: shownMailing,
  filter: {
    statuses: mailingFilterSchema.shape.statuses,
    textContains: mailingFilterSchema.shape.textContains,
    ...rangeShape(...RANGES),
    orderBy: z.enum(MailingOrder).describe('How they are sorted; left out: NEWEST.'),
  },
  bodies: { create, replace, change },

  async list({ em, actor }, page, { orderBy, ...given }) {
    const order = (orderBy as MailingOrder | undefined) ?? MailingOrder.NEWEST;
    const filter = parseMailingFilter(withRanges(given, ...RANGES), actor, []);
    const { list, parts } = MAILING_ORDERS[order];
    const keyset = readPage(page, list, parts);
    const listed = await listMailings(em, filter, keyset, order);
    return { keyset, ...keyed(listed), list, count: () => countMailings(em, filter) };
  },
  find: ({ em }, id) => findMailing(em, id),
  async create(call, body) {
    const { draft: given, ...input } = parseInput(z.looseObject({ draft }), body);
    const fields = parseNewMailing(input, await call.timeZones.load(), call.defaultChannel);
    const isDraft = given ?? false;
    const once = keyedCall(call.actor, 'mailingCreate', call.key, { input, draft: isDraft });
    return await createMailing(call, fields, call.actor, { draft: isDraft, call: once });
  },
  async replace(call, id, body, matched) {
    const zones = await call.timeZones.load();
    const { startsAt, ...fields } = parseNewMailing(body, zones, call.defaultChannel);
    if (startsAt === null) throw new InputError([new AppError('BAD_USER_INPUT', 'startsAt is required.', 'startsAt')]);
    const given = parseMailingChanges(body, zones).revision;
    const wanted = (await matched()) ?? given;
    return await updateMailing(
      call,
      id,
      { ...fields, startsAt, ...(wanted !== undefined && { revision: wanted }) },
      call.actor,
    );
  },
  async change(call, id, body, matched) {
    const changes = parseMailingChanges(body, await call.timeZones.load());
    const revision = await matched();
    return await updateMailing(call, id, { ...changes, ...(revision !== undefined && { revision }) }, call.actor);
  },
  remove: (call, id, revision) => deleteMailing(call, id, call.actor, revision),
  present: presentMailings,
};

type Step = (parts: LifecycleParts, id: string, by: By, revision?: number) => Promise<void>;

/** What a person does with a mailing, at `/mailings/{id}/<name>`. */
const STEPS: Readonly<Record<string, readonly [Step, string]>> = {
  schedule: [scheduleMailing, 'Have a draft go out by itself at its start'],
  start: [startMailing, 'Move the start of a draft or scheduled mailing to now'],
  pause: [pauseMailing, 'Send nothing new until it is resumed'],
  resume: [resumeMailing, 'Let a paused mailing go on'],
  cancel: [cancelMailing, 'Stop a mailing for good'],
};

/** `/mailings`: campaigns, and the steps of their life. */
export function addMailings(api: FastifyInstance, parts: RestParts): void {
  addResource(api, parts, mailings);
  const config = { allow: 'mailings:write' } as const;
  const tags = ['mailings'];
  const answer = async (request: FastifyRequest, reply: FastifyReply, mailing: Mailing) => {
    isKnown(request, reply, mailing);
    return reply.send((await presentMailings(parts, [mailing]))[0]);
  };

  for (const [name, [step, summary]] of Object.entries(STEPS)) {
    api.post(`/mailings/:id/${name}`, {
      config: { ...config, action: `mailing${name[0]?.toUpperCase()}${name.slice(1)}` },
      schema: {
        operationId: `${name}Mailing`,
        summary,
        tags,
        params: byId,
        headers: matchHeader,
        response: { 200: shownMailing },
      },
      handler: async (request, reply) => {
        const call = callOf(request, parts);
        const id = idOf(request);
        const revision = await requiredRevision(request, () => findMailing(call.em, id));
        await step(call, id, call.actor, revision);
        return await answer(request, reply, await findMailing(call.em, id));
      },
    });
  }

  api.post('/mailings/:id/duplicate', {
    config: { ...config, action: 'mailingDuplicate' },
    schema: {
      operationId: 'duplicateMailing',
      summary: 'Make a draft with everything a person decided about a mailing',
      tags,
      params: byId,
      headers: keyHeader,
      body: copyOptions,
      response: { 201: shownMailing },
    },
    handler: async (request, reply) => {
      const call = callOf(request, parts);
      const id = idOf(request);
      const name = parseInput(copy, request.body ?? {}).name ?? null;
      const once = keyedCall(call.actor, 'mailingDuplicate', call.key, { id, name });
      const made = await duplicateMailing(call, id, name, call.actor, once);
      reply.code(201).header('location', `${REST_PATH}/mailings/${made.id}`);
      return await answer(request, reply, made);
    },
  });
}
