import type pg from 'pg';
import { audienceWhere } from '../mailing/audience.js';
import type { AudienceFilter } from '../mailing/mailing.js';
import { type Check, type CheckOptions, type Finding, runCheck } from './check.js';

const STATUSES = ['open', 'sent', 'failed', 'expired', 'cancelled', 'unknown'] as const;

/** What can be said by the database alone. Messages of kind TEST are in no count. */
export const countChecks: readonly Check[] = [
  {
    invariant: 1,
    subject: 'messages of completed mailings',
    must: 'none open',
    sql: `select m.id, m.status = 'OPEN' as wrong from mailing g join message m on m.mailing_id = g.id
          where g.status = 'COMPLETED' and m.kind = 'CAMPAIGN'`,
  },
  {
    invariant: 1,
    subject: 'mailings',
    must: 'each with counts equal to a recount of its messages',
    sql: `select g.id, (g.total, ${STATUSES.map((status) => `g.${status}`).join(', ')})
            is distinct from (coalesce(n.total, 0), ${STATUSES.map((status) => `coalesce(n.${status}, 0)`).join(', ')}) as wrong
          from mailing g left join (
            select mailing_id, count(*)::int as total,
              ${STATUSES.map((status) => `(count(*) filter (where status = '${status.toUpperCase()}'))::int as ${status}`).join(', ')}
            from message where kind = 'CAMPAIGN' group by mailing_id
          ) n on n.mailing_id = g.id`,
  },
  {
    invariant: 1,
    subject: 'messages overall',
    must: 'each counted by a mailing that exists',
    sql: `select m.id, g.id is null as wrong from message m left join mailing g on g.id = m.mailing_id where m.kind = 'CAMPAIGN'`,
  },
  {
    invariant: 2,
    subject: 'FAILED, EXPIRED and CANCELLED messages',
    must: 'none with an attempt of unknown outcome',
    sql: `select id, uncertain as wrong from message where status in ('FAILED', 'EXPIRED', 'CANCELLED')`,
  },
];

/**
 * Every client that matched a completed launch and has not changed since has exactly one message. Asked mailing by
 * mailing, by the same condition as at launch; who was made or changed after the launch began can't be judged any more.
 */
export async function checkAudience(client: pg.ClientBase, options: CheckOptions): Promise<Finding> {
  const sum: Finding = {
    invariant: 1,
    subject: 'matching clients of launched mailings',
    must: 'each with exactly one message (clients)',
    counted: 0,
    broken: 0,
    examples: [],
  };
  const { rows } = await client.query<{ id: string; filter: AudienceFilter }>(
    'select id, filter from mailing where launch_completed_at is not null and deleted_at is null order by id',
  );
  for (const { id, filter } of rows) {
    const found = await runCheck(client, { ...sum, ...audienceCheck(id, filter) }, options);
    sum.counted += found.counted;
    sum.broken += found.broken;
    sum.examples.push(...found.examples);
  }
  return sum;
}

function audienceCheck(mailingId: string, filter: AudienceFilter): { sql: string; params: unknown[] } {
  const audience = audienceWhere(filter, 3);
  return {
    sql: `select c.id, coalesce(m.n, 0) <> 1 as wrong
          from client c left join (
            select client_id, count(*) as n from message where mailing_id = $2 and kind = 'CAMPAIGN' group by client_id
          ) m on m.client_id = c.id
          where ${audience.sql} and greatest(c.created_at, c.updated_at) < (select launched_at from mailing where id = $2)`,
    params: [mailingId, ...audience.params],
  };
}
