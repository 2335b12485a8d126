import type { Check } from './check.js';

/** Statuses of a message that certainly was not sent. */
const NOT_SENT = `('FAILED', 'EXPIRED', 'CANCELLED')`;

/** What the ledger's requests and the database's messages must say of each other. */
export const requestChecks: readonly Check[] = [
  {
    invariant: 2,
    subject: 'SENT messages',
    must: 'each accepted by the gateway',
    sql: `select m.id, not coalesce(r.accepted, false) as wrong
          from message m join mailing g on g.id = m.mailing_id left join requested r on r.id = m.id
          where m.status = 'SENT' and g.channel = 'gateway'`,
  },
  {
    invariant: 2,
    subject: 'FAILED, EXPIRED and CANCELLED messages',
    must: 'none accepted by the gateway',
    sql: `select m.id, coalesce(r.accepted_early, false) as wrong from message m left join requested r on r.id = m.id
          where m.status in ${NOT_SENT}`,
  },
  {
    invariant: 2,
    subject: 'requested FAILED, EXPIRED and CANCELLED messages',
    must: 'each refused in clear words every time',
    sql: `select id, unclear as wrong from requested where message_status in ${NOT_SENT}`,
  },
  {
    invariant: 2,
    subject: 'accepted messages',
    must: 'each SENT, UNKNOWN, or still in hand',
    sql: `select id, coalesce(message_status not in ('SENT', 'UNKNOWN') and not (message_status = 'OPEN' and in_hand), true) as wrong
          from requested where accepted_early`,
  },
  {
    invariant: 3,
    subject: 'ids in the ledger',
    must: 'each that of a message',
    sql: `select coalesce(id, 0) as id, mailing_id is null as wrong from requested where requests > 0`,
  },
  {
    invariant: 3,
    subject: 'ids in the ledger',
    must: 'each always with the same payload',
    sql: `select id, coalesce(hashes_differ, false) as wrong from requested`,
  },
  {
    invariant: 3,
    subject: 'requested messages',
    must: 'each to the phone that was copied at launch',
    sql: `select id, coalesce(lowest_phone::text <> phone or highest_phone::text <> phone, false) as wrong
          from requested where mailing_id is not null`,
  },
  {
    invariant: 3,
    subject: 'pairs of mailing and client in the ledger',
    must: 'each under one id (clients)',
    sql: `select client_id as id, count(distinct id) > 1 as wrong from requested
          where kind = 'CAMPAIGN' and requests > 0 group by mailing_id, client_id`,
  },
  {
    invariant: 4,
    subject: 'requested messages',
    must: 'none requested more often than it was claimed',
    sql: `select id, requests > fence as wrong from requested where mailing_id is not null and requests > 0`,
  },
  {
    invariant: 4,
    subject: 'messages requested again without a clear no before',
    must: 'each marked uncertain',
    sql: `select id, not uncertain as wrong from requested where repeated_unclear and mailing_id is not null`,
  },
];
