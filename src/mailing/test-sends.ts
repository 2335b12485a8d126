import type { EntityManager } from '@mikro-orm/postgresql';
import type { Actor } from '../access/actor.js';
import { phone as phoneSchema } from '../client/client.inputs.js';
import { Client } from '../client/client.js';
import { isOptedOut } from '../client/opt-outs.js';
import { AppError } from '../errors.js';
import { notFound, parseId, parseInput } from '../graphql/parse-input.js';
import { TEST_SEND_MINUTES } from '../message/claim-test-sends.js';
import { Message } from '../message/message.js';
import { MESSAGE_BLOCK } from '../message/message-range.js';
import { type KeyedCall, makeOnce } from '../platform/idempotency.js';
import type { EditParts } from './lifecycle-parts.js';
import { findMailing } from './mailings.js';
import type { TemplateCache } from './template.js';

/** Who gets a test send: just one of the two. */
export interface TestRecipient {
  clientId?: string | null;
  phone?: string | null;
}

/** What the text is rendered from, and where it goes. */
type Person = Pick<Client, 'phone' | 'timeZone' | 'attributes'> & { id: string | null };

/**
 * Takes the next id of the mailing's last block for test sends, or begins a new block. Two that begin one at once make two
 * blocks, which is no harm: the later one is filled.
 */
const INSERT = `
  with next as (
    update message_range set last = last + 1
    where first = (select max(first) from message_range where mailing_id = ? and kind = 'TEST') and last < first + ${MESSAGE_BLOCK - 1}
    returning mailing_id, last as id
  ), fresh as (
    insert into message_range (first, last, mailing_id, kind)
    select block.first, block.first, ?, 'TEST'
    from (select nextval('message_block') * ${MESSAGE_BLOCK} as first where not exists (select from next)) block
    returning mailing_id, last as id
  )
  insert into message (mailing_id, id, kind, client_id, phone, time_zone, attributes, text, status, due_at, window_ends_at, plan)
  select mailing_id, id, 'TEST', ?::bigint, ?, ?, ?::jsonb, ?, 'OPEN', clock_timestamp(), clock_timestamp() + interval '${TEST_SEND_MINUTES} minutes', 0
  from (select * from next union all select * from fresh) taken
  returning id`;

/**
 * Has a mailing's text sent to one person at once, whatever the mailing's status, window and limit, and in none of its
 * counts. The words are rendered here and kept with the message, so that a mailing that is edited meanwhile changes nothing.
 *
 * @throws AppError NOT_FOUND; BAD_USER_INPUT on `clientId`, `phone`, or `text` when it cannot be rendered for this person;
 *   CONFLICT when that person opted out, or on `idempotencyKey`; FORBIDDEN on `phone` for those who may not see phones
 */
export async function sendTest(
  parts: EditParts & { templates: TemplateCache },
  mailingId: string,
  to: TestRecipient,
  actor: Actor,
  call: KeyedCall | null,
): Promise<Message> {
  // Whose phone it is, and what is known of them, would be told by the words that are sent.
  if (to.phone != null) actor.need('clients:phones', 'phone');
  const message = await parts.em.transactional(async (tx) => {
    const { id } = await makeOnce(tx, call, async () => {
      const mailing = await findMailing(tx, mailingId);
      const person = await findPerson(tx, to);
      const text = parts.templates.get(mailing.text).render(person);
      const [made] = await tx.execute<{ id: string }[]>(INSERT, [
        mailing.id,
        mailing.id,
        person.id,
        person.phone,
        person.timeZone,
        JSON.stringify(person.attributes),
        text,
      ]);
      if (made === undefined) throw new Error('a statement that always makes one row made none');
      parts.log.info({ mailing_id: mailing.id, message_id: made.id, by: actor.name }, 'test send asked for');
      return made.id;
    });
    return await tx.findOneOrFail(
      Message,
      { mailingId: parseId(mailingId, 'mailing'), id },
      { disableIdentityMap: true },
    );
  });
  await parts.scheduler.ring('mailing.test', { mailingId: message.mailingId });
  return message;
}

/** A phone that no client has gets the text as somebody would of whom nothing is known. */
async function findPerson(tx: EntityManager, { clientId, phone }: TestRecipient): Promise<Person> {
  if ((clientId == null) === (phone == null)) {
    throw new AppError('BAD_USER_INPUT', 'Give either clientId or phone.', clientId == null ? 'clientId' : 'phone');
  }
  if (clientId != null) {
    const id = parseId(clientId, 'client', 'clientId');
    const client = await tx.findOne(Client, { id, deletedAt: null }, { disableIdentityMap: true });
    if (client === null) throw notFound('client', 'clientId');
    return refuseOptedOut(client, 'clientId');
  }
  const normalized = parseInput(phoneSchema, phone, ['phone']);
  const client = await tx.findOne(Client, { phone: normalized, deletedAt: null }, { disableIdentityMap: true });
  if (client !== null) return refuseOptedOut(client, 'phone');
  if (await isOptedOut(tx, normalized)) throw optedOut('phone');
  return { id: null, phone: normalized, timeZone: 'UTC', attributes: {} };
}

function refuseOptedOut(client: Client, field: string): Client {
  if (client.optedOutAt === null) return client;
  throw optedOut(field);
}

function optedOut(field: string): AppError {
  return new AppError('CONFLICT', 'This person opted out: nothing is sent to them, not even a test.', field);
}
