import type pg from 'pg';
import { audienceWhere } from '../mailing/audience.js';
import type { AudienceFilter } from '../mailing/mailing.js';
import { type Check, type CheckOptions, type Claim, type Finding, runCheck } from './check.js';

const STATUSES = ['open', 'sent', 'failed', 'expired', 'cancelled', 'unknown'] as const;

const counts = (column: (status: string) => string) => STATUSES.map(column).join(', ');

/** What can be said by the database alone. Messages of kind TEST are in no count. */
export const countChecks: readonly Check[] = [
  {
    claims: [
      { invariant: 1, subject: 'messages of completed mailings', must: 'none open' },
      { invariant: 1, subject: 'messages overall', must: 'each counted by a mailing that exists' },
      {
        invariant: 2,
        subject: 'FAILED, EXPIRED and CANCELLED messages',
        must: 'none with an attempt of unknown outcome',
      },
    ],
    sql: `select m.id,
            case when g.status = 'COMPLETED' and m.kind = 'CAMPAIGN' then m.status = 'OPEN' end,
            case when m.kind = 'CAMPAIGN' then g.id is null end,
            case when m.status in ('FAILED', 'EXPIRED', 'CANCELLED') then m.uncertain end
          from message m left join mailing g on g.id = m.mailing_id`,
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
  must: 'each with exactly one message (clients)',
};

/**
 * Every client that matched a completed launch and has not changed since has exactly one message. Asked mailing by
 * mailing, by the same condition as at launch; who was made or changed after the launch began can't be judged any more.
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
      sum.examples.push(...found.examples);
    }
  }
  return sum;
}

function audienceCheck(mailingId: string, filter: AudienceFilter): Check {
  const audience = audienceWhere(filter, 3);
  return {
    claims: [REACHED],
    sql: `select c.id, coalesce(m.n, 0) <> 1
          from client c left join (
            select client_id, count(*) as n from message where mailing_id = $2 and kind = 'CAMPAIGN' group by client_id
          ) m on m.client_id = c.id
          where ${audience.sql} and greatest(c.created_at, c.updated_at) < (select launched_at from mailing where id = $2)`,
    params: [mailingId, ...audience.params],
  };
}
