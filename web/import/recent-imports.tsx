import { Text, Title } from '@mantine/core';
import { useTranslation } from 'react-i18next';
import { useQuery } from 'urql';
import { Link } from 'wouter';
import { RecentImportsDocument } from '../generated/graphql.js';
import { useFormat } from '../ui/format.js';

/** How many are shown. */
const SHOWN = 5;

/** The last imports, to go back to one that is still under way. */
export function RecentImports() {
  const { t } = useTranslation('import');
  const { t: words } = useTranslation('ui');
  const { count, moment } = useFormat();
  const [{ data }] = useQuery({ query: RecentImportsDocument, requestPolicy: 'cache-and-network' });
  const jobs = data?.clientJobs.edges.map(({ node }) => node).filter(({ kind }) => kind === 'IMPORT') ?? [];
  if (jobs.length === 0) return null;
  return (
    <section aria-label={t('recent')}>
      <Title order={2} size="h4" mb="xs">
        {t('recent')}
      </Title>
      <ul className="recent-imports">
        {jobs.slice(0, SHOWN).map((job) => (
          <li key={job.id}>
            <Link href={`/clients/import?job=${job.id}`}>{moment(job.createdAt)}</Link>
            <Text component="span" size="sm">
              {words(`job.status.${job.status}`)}
              {job.dryRun ? `, ${t('recent.tried')}` : ''}
            </Text>
            <Text component="span" size="sm" c="dimmed" className="figures">
              {t('recent.figures', {
                created: count(job.created),
                updated: count(job.updated),
                failed: count(job.failed),
              })}
            </Text>
          </li>
        ))}
      </ul>
      <Link href="/jobs">{t('jobs')}</Link>
    </section>
  );
}
