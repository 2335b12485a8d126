import type pg from 'pg';
import { audienceWhere } from '../mailing/audience.js';
import type { AudienceFilter } from '../mailing/mailing.js';
import { EXAMPLES, type Finding } from './check.js';

/**
 * Every client that matched a completed launch and has not changed since has exactly one message, and nobody else has
 * one. Asked mailing by mailing, by the same condition as at launch; who was made or changed after the launch began
 * can't be judged any more.
 */
export async function checkReached(client: pg.ClientBase): Promise<Finding> {
  const sum: Finding = {
    invariant: 1,
    subject: 'matching clients of launched mailings',
    must: 'each with exactly one message, and nobody else with any (clients)',
    counted: 0,
    broken: 0,
    examples: [],
  };
  const { rows } = await client.query<{ id: string; filter: AudienceFilter; launchedAt: string }>(
    `select id, filter, launched_at::text as "launchedAt" from mailing
     where launch_completed_at is not null and deleted_at is null and pruned_at is null order by id`,
  );
  for (const { id, filter, launchedAt } of rows) {
    const audience = audienceWhere(filter, 3);
    const { rows: looked } = await client.query<Pick<Finding, 'counted' | 'broken' | 'examples'>>(
      reached(audience.sql),
      [id, launchedAt, ...audience.params],
    );
    sum.counted += looked[0]!.counted;
    sum.broken += looked[0]!.broken;
    sum.examples = [...sum.examples, ...looked[0]!.examples].slice(0, EXAMPLES);
  }
  return sum;
}

/** The moment of the launch is a parameter, not a subselect, so that the planner knows that nearly all clients are older. */
const reached = (matches: string) => `
  select (count(*) filter (where not twice))::int as counted, (count(*) filter (where wrong))::int as broken,
    coalesce((array_agg(id::text) filter (where wrong))[1:${EXAMPLES}], '{}') as examples
  from (
    select id, matches <> has_message as wrong, false as twice from (
      select c.id, ${matches} as matches, m.client_id is not null as has_message
      from client c left join message m on m.client_id = c.id and m.mailing_id = $1 and m.kind = 'CAMPAIGN'
      where c.created_at < $2::timestamptz and c.updated_at < $2::timestamptz
    ) as asked where matches or has_message
    union all
    select client_id, true, true from message where mailing_id = $1 and kind = 'CAMPAIGN'
    group by client_id having count(*) > 1
  ) as looked`;
