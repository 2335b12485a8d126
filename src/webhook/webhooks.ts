import type { EntityManager } from '@mikro-orm/postgresql';
import type { By } from '../access/actor.js';
import { AppError } from '../errors.js';
import { notFound, parseId } from '../graphql/parse-input.js';
import { textArray } from '../platform/sql-arrays.js';
import { messageIdOf } from './message-id.js';
import { newSigningSecret } from './sign.js';
import type { parseNewWebhook, parseWebhookPatch } from './webhook.inputs.js';
import { Webhook } from './webhook.js';
import { WebhookDelivery } from './webhook-delivery.js';

/** Webhooks there may be. Each has a job of its own, and a worker has room for that many at once: none waits for another. */
export const MOST_WEBHOOKS = 20;
/** Deliveries of one that are listed, the newest. */
export const LISTED_DELIVERIES = 20;

export async function listWebhooks(em: EntityManager): Promise<Webhook[]> {
  return await em.find(Webhook, {}, { orderBy: { id: 'asc' }, limit: MOST_WEBHOOKS, disableIdentityMap: true });
}

/** @throws AppError NOT_FOUND */
export async function findWebhook(em: EntityManager, givenId: string): Promise<Webhook> {
  const webhook = await em.findOne(Webhook, { id: parseId(givenId, 'webhook') }, { disableIdentityMap: true });
  if (webhook === null) throw notFound('webhook');
  return webhook;
}

/**
 * Makes a webhook. Its secret is in the answer, and is shown nowhere else.
 *
 * @throws AppError CONFLICT when there are as many as may be
 */
export async function createWebhook(em: EntityManager, input: ReturnType<typeof parseNewWebhook>, by: By) {
  return await em.transactional(async (tx) => {
    // Two that are made at the same moment wait for each other.
    await tx.execute(`lock table webhook in share row exclusive mode`);
    if ((await tx.count(Webhook)) >= MOST_WEBHOOKS) {
      throw new AppError('CONFLICT', `There are ${MOST_WEBHOOKS} webhooks already. Delete one of them first.`);
    }
    const secret = newSigningSecret();
    const webhook = Object.assign(new Webhook(), { ...input, secret, createdBy: by.name });
    await tx.persist(webhook).flush();
    return { webhook, secret };
  });
}

/** Changes what is given. Enabling tries at once what waits. @throws AppError NOT_FOUND */
export async function updateWebhook(
  em: EntityManager,
  givenId: string,
  { url, events, enabled }: ReturnType<typeof parseWebhookPatch>,
): Promise<Webhook> {
  const id = parseId(givenId, 'webhook');
  const given = [url ?? null, events ? textArray(events) : null, enabled ?? null];
  const [row] = await em.execute<{ id: string }[]>(
    `with w as (
       update webhook set url = coalesce(?, url), events = coalesce(?::text[], events), enabled = coalesce(?::boolean, enabled),
         disabled_reason = case when ?::boolean then null else disabled_reason end
       where id = ? returning id
     ), d as (
       update outside_delivery set next_at = least(next_at, clock_timestamp()) where ?::boolean and status = 'WAITING' and webhook_id = ?
     )
     select id from w`,
    [...given, enabled ?? false, id, enabled ?? false, id],
  );
  if (row === undefined) throw notFound('webhook');
  return await findWebhook(em, id);
}

/** Takes it away, with what became of its deliveries. @throws AppError NOT_FOUND */
export async function deleteWebhook(em: EntityManager, givenId: string): Promise<string> {
  const id = parseId(givenId, 'webhook');
  if ((await em.nativeDelete(Webhook, { id })) === 0) throw notFound('webhook');
  return id;
}

/** Sends a test to one webhook and no other. @throws AppError NOT_FOUND; CONFLICT while it is disabled */
export async function testWebhook(em: EntityManager, givenId: string, by: By) {
  const webhook = await findEnabled(em, givenId);
  const [row] = await em.execute<{ id: string }[]>(
    `with e as (
       insert into outside_event (kind, data, spread_at)
       values ('webhook.test', jsonb_build_object('webhook', jsonb_build_object('id', ?::text, 'by', ?::text)), clock_timestamp())
       returning id
     )
     insert into outside_delivery (event_id, webhook_id) select id, ? from e returning id`,
    [webhook.id, by.name, webhook.id],
  );
  return { webhook, delivery: await findDelivery(em, webhook.id, row!.id) };
}

/**
 * Sends what a webhook was told once more, under the same id; what waits for its next try is tried now.
 *
 * @throws AppError NOT_FOUND on `id` or `deliveryId`; CONFLICT while the webhook is disabled
 */
export async function redeliver(em: EntityManager, givenId: string, givenDelivery: string) {
  const webhook = await findEnabled(em, givenId);
  const deliveryId = parseId(givenDelivery, 'delivery', 'deliveryId');
  await em.execute(
    `update outside_delivery set status = 'WAITING', tries = 0, next_at = clock_timestamp() where id = ? and webhook_id = ?`,
    [deliveryId, webhook.id],
  );
  return { webhook, delivery: await findDelivery(em, webhook.id, deliveryId) };
}

async function findEnabled(em: EntityManager, id: string): Promise<Webhook> {
  const webhook = await findWebhook(em, id);
  if (!webhook.enabled) throw new AppError('CONFLICT', 'This webhook is disabled. Enable it first.');
  return webhook;
}

const DELIVERY = `
  select d.id, d.webhook_id as "webhookId", d.event_id as "eventId", e.kind as event, e.at, d.status, d.tries,
    case when d.status = 'WAITING' then d.next_at end as "nextAt", d.tried_at as "triedAt", d.answer_status as "answerStatus",
    d.answer_body as "answerBody", d.reason
  from outside_delivery d join outside_event e on e.id = d.event_id`;

type Row = WebhookDelivery & { webhookId: string; eventId: string };

function shown({ eventId, at, nextAt, triedAt, ...rest }: Row): WebhookDelivery {
  const moment = (given: Date | null) => given && new Date(given);
  const moments = { at: new Date(at), nextAt: moment(nextAt), triedAt: moment(triedAt) };
  return Object.assign(new WebhookDelivery(), { ...rest, ...moments, messageId: messageIdOf(eventId) });
}

async function findDelivery(em: EntityManager, webhookId: string, id: string): Promise<WebhookDelivery> {
  const [row] = await em.execute<Row[]>(`${DELIVERY} where d.id = ? and d.webhook_id = ?`, [id, webhookId]);
  if (row === undefined) throw notFound('delivery', 'deliveryId');
  return shown(row);
}

/** The newest deliveries of each webhook: one statement for all. */
export async function listDeliveries(em: EntityManager, webhookIds: readonly string[]): Promise<WebhookDelivery[][]> {
  const rows = await em.execute<Row[]>(
    `${DELIVERY} where d.id in (
       select d.id from unnest(?::bigint[]) w (id) cross join lateral (
         select id from outside_delivery where webhook_id = w.id order by id desc limit ${LISTED_DELIVERIES}
       ) d)
     order by d.id desc`,
    [textArray(webhookIds)],
  );
  const byWebhook = Map.groupBy(rows, ({ webhookId }) => String(webhookId));
  return webhookIds.map((id) => (byWebhook.get(id) ?? []).map(shown));
}
