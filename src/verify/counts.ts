import type pg from 'pg';
import { audienceWhere } from '../mailing/audience.js';
import type { AudienceFilter } from '../mailing/mailing.js';
import { type Check, type CheckOptions, type Claim, EXAMPLES, type Finding, runCheck } from './check.js';

const STATUSES = ['open', 'sent', 'failed', 'expired', 'cancelled', 'unknown'] as const;

const counts = (column: (status: string) => string) => STATUSES.map(column).join(', ');

/**
 * A minute and a time-out after a cancel or an end, a running program has settled what it has not in hand, or is at it: millions
 * take longer, and each batch of them is a version.
 */
const GRACE = `($1::interval + interval '1 minute')`;
const LONG_AGO = (moment: string) => `greatest(${moment}, c.at) < now() - ${GRACE}`;
const IS_OVER = `(g.status = 'COMPLETED' or g.status = 'CANCELLED' and ${LONG_AGO('g.finished_at')}
  or g.status in ('RUNNING', 'PAUSED') and ${LONG_AGO('g.ends_at')})`;
const NOT_IN_HAND = `(m.lease_until is null or m.lease_until < now() - ${GRACE})`;

/** What can be said by the database alone. Messages of kind TEST are in no count. */
export const countChecks: readonly Check[] = [
  {
    claims: [
      { invariant: 1, subject: 'messages of mailings that are over', must: 'none open' },
      { invariant: 1, subject: 'messages overall', must: 'each counted by a mailing that exists' },
      {
        invariant: 2,
        subject: 'FAILED, EXPIRED and CANCELLED messages',
        must: 'none with an attempt of unknown outcome',
      },
    ],
    sql: `select m.id,
            case when m.kind = 'CAMPAIGN' and ${IS_OVER} then m.status = 'OPEN' and (g.status = 'COMPLETED' or ${NOT_IN_HAND}) end,
            case when m.kind = 'CAMPAIGN' then g.id is null end,
            case when m.status in ('FAILED', 'EXPIRED', 'CANCELLED') then m.uncertain end
          from message m left join (
            mailing g left join mailing_change c on c.mailing_id = g.id and c.version = g.version
          ) on g.id = m.mailing_id`,
  },
  {
    claims: [{ invariant: 1, subject: 'mailings', must: 'each with counts equal to a recount of its messages' }],
    sql: `select g.id, (g.total, ${counts((status) => `g.${status}`)})
            is distinct from (coalesce(n.total, 0), ${counts((status) => `coalesce(n.${status}, 0)`)})
          from mailing g left join (
            select mailing_id, count(*)::int as total,
              ${counts((status) => `(count(*) filter (where status = '${status.toUpperCase()}'))::int as ${status}`)}
            from message where kind = 'CAMPAIGN' group by mailing_id
          ) n on n.mailing_id = g.id`,
  },
];

const REACHED: Claim = {
  invariant: 1,
  subject: 'matching clients of launched mailings',
  must: 'each with exactly one message, and nobody else with any (clients)',
};

/**
 * Every client that matched a completed launch and has not changed since has exactly one message, and nobody else has
 * one. Asked mailing by mailing, by the same condition as at launch; who was made or changed after the launch began
 * can't be judged any more.
 */
export async function checkAudience(client: pg.ClientBase, options: CheckOptions): Promise<Finding> {
  const sum: Finding = { ...REACHED, counted: 0, broken: 0, examples: [] };
  const { rows } = await client.query<{ id: string; filter: AudienceFilter }>(
    'select id, filter from mailing where launch_completed_at is not null and deleted_at is null order by id',
  );
  for (const { id, filter } of rows) {
    for (const found of await runCheck(client, audienceCheck(id, filter), options)) {
      sum.counted += found.counted;
      sum.broken += found.broken;
      sum.examples = [...sum.examples, ...found.examples].slice(0, EXAMPLES);
    }
  }
  return sum;
}

function audienceCheck(mailingId: string, filter: AudienceFilter): Check {
  const audience = audienceWhere(filter, 3);
  return {
    claims: [REACHED],
    sql: `select id, case when matches then n <> 1 else n > 0 end from (
            select c.id, ${audience.sql} as matches, coalesce(m.n, 0) as n
            from client c left join (
              select client_id, count(*) as n from message where mailing_id = $2 and kind = 'CAMPAIGN' group by client_id
            ) m on m.client_id = c.id
            where greatest(c.created_at, c.updated_at) < (select launched_at from mailing where id = $2)
          ) as asked where matches or n > 0`,
    params: [mailingId, ...audience.params],
  };
}
