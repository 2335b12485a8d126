/**
 * What the outside is told of a mailing, in SQL: an object as jsonb. Its text, its filter and its clients are nobody's business
 * outside.
 *
 * @param row the alias of a row of `mailing`
 */
export function mailingNews(row: string): string {
  const counts = ['total', 'open', 'sent', 'failed', 'expired', 'cancelled', 'unknown'];
  return `jsonb_build_object('mailing', jsonb_build_object('id', ${row}.id::text, 'name', ${row}.name, 'channel', ${row}.channel,
    'status', ${row}.status, 'startsAt', ${row}.starts_at, 'endsAt', ${row}.ends_at, 'launchedAt', ${row}.launched_at,
    'finishedAt', ${row}.finished_at,
    'counts', jsonb_build_object(${counts.map((name) => `'${name}', ${row}.${name}`).join(', ')})))`;
}
