import type { Check } from './check.js';

/** Statuses of a message that certainly was not sent. */
const NOT_SENT = `('FAILED', 'EXPIRED', 'CANCELLED')`;

/** What the ledger's requests and the database's messages must say of each other. */
export const requestChecks: readonly Check[] = [
  {
    claims: [
      { invariant: 2, subject: 'SENT messages', must: 'each accepted by the gateway' },
      { invariant: 2, subject: 'FAILED, EXPIRED and CANCELLED messages', must: 'none accepted by the gateway' },
    ],
    sql: `select m.id,
            case when m.status = 'SENT' and g.channel = 'gateway' then not coalesce(r.accepted, false) end,
            case when m.status in ${NOT_SENT} then coalesce(r.accepted_early, false) end
          from message m join mailing g on g.id = m.mailing_id left join requested r on r.id = m.id`,
  },
  {
    claims: [
      {
        invariant: 2,
        subject: 'requested FAILED, EXPIRED and CANCELLED messages',
        must: 'each refused in clear words every time',
      },
      { invariant: 2, subject: 'accepted messages', must: 'each SENT, UNKNOWN, or still in hand' },
      { invariant: 3, subject: 'ids in the ledger', must: 'each that of a message' },
      { invariant: 3, subject: 'ids in the ledger', must: 'each always with the same payload' },
      { invariant: 3, subject: 'requested messages', must: 'each to the phone that was copied at launch' },
      { invariant: 4, subject: 'requested messages', must: 'none requested more often than it was claimed' },
      {
        invariant: 4,
        subject: 'messages requested again without a clear no before',
        must: 'each marked uncertain',
      },
    ],
    // Of ids that were seen only after the database was looked at (requests = 0) nothing can be said.
    sql: `select coalesce(id, 0),
            case when message_status in ${NOT_SENT} then unclear end,
            case when accepted_early then not coalesce(
              message_status in ('SENT', 'UNKNOWN') or (message_status = 'OPEN' and in_hand), false) end,
            mailing_id is null,
            coalesce(hashes_differ, false),
            case when mailing_id is not null then coalesce(lowest_phone <> phone or highest_phone <> phone, false) end,
            requests > fence,
            case when repeated_unclear then not uncertain end
          from requested where requests > 0`,
  },
  {
    claims: [
      { invariant: 3, subject: 'pairs of mailing and client in the ledger', must: 'each under one id (clients)' },
    ],
    sql: `select client_id, min(id) <> max(id) from requested
          where kind = 'CAMPAIGN' and requests > 0 group by mailing_id, client_id`,
  },
];
