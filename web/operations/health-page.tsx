import './words.js';
import { SimpleGrid, Stack, Text } from '@mantine/core';
import { useTranslation } from 'react-i18next';
import type { HealthQuery } from '../generated/graphql.js';
import { useFormat } from '../ui/format.js';
import { Page } from '../ui/page.js';
import { PageSkeleton } from '../ui/page-skeleton.js';
import { Trouble } from '../ui/trouble.js';
import { ChannelHealth } from './channel-health.js';
import { ProblemList } from './problem-list.js';
import { ProcessList } from './process-list.js';
import { Fact, Facts, Section } from './section.js';
import { useHealth } from './use-health.js';

/** Whether the program does well, and what to do where it does not. Asks again by itself every few seconds. */
export default function HealthPage() {
  const { t } = useTranslation('operations');
  const { clock } = useFormat();
  const { health, channels, error, problems, again } = useHealth();
  return (
    <Page title={t('health.title')}>
      <div aria-live="polite">
        {problems === null ? null : <ProblemList problems={problems} answers={error === undefined} />}
      </div>
      {error ? <Trouble error={error} onAgain={again} /> : null}
      {health === undefined ? (
        error ? null : (
          <PageSkeleton />
        )
      ) : (
        <Stack gap="md">
          <SimpleGrid cols={{ base: 1, md: 2 }} spacing="md">
            <Parts parts={health.parts} />
            <Versions health={health} />
          </SimpleGrid>
          <ProcessList processes={health.processes} />
          <ChannelHealth channels={channels} />
          <Text size="sm" c="dimmed">
            {t('health.asOf', { at: clock(health.asOf) })}
          </Text>
        </Stack>
      )}
    </Page>
  );
}

function Parts({ parts }: { parts: HealthQuery['health']['parts'] }) {
  const { t } = useTranslation('operations');
  return (
    <Section title={t('health.parts')}>
      <Facts>
        {parts.map(({ name, works }) => (
          <Fact key={name} name={isPart(name) ? t(`part.${name}`) : name} isBad={!works}>
            {t(works ? 'works' : 'broken')}
          </Fact>
        ))}
      </Facts>
    </Section>
  );
}

function isPart(name: string): name is 'database' | 'live' | 'scheduler' {
  return name === 'database' || name === 'live' || name === 'scheduler';
}

const MEGABYTE = 2 ** 20;

function Versions({ health }: { health: HealthQuery['health'] }) {
  const { t } = useTranslation('operations');
  const { decimal } = useFormat();
  const { version, nodeVersion, jobStore, database } = health;
  return (
    <Section title={t('health.versions')}>
      <Facts>
        <Fact name="Heliograph">{version}</Fact>
        <Fact name="Node.js">{nodeVersion}</Fact>
        <Fact name="PostgreSQL">{database.version}</Fact>
        <Fact name={t('health.answered')}>{t('ms', { n: decimal(database.answeredInMs) })}</Fact>
        <Fact name={t('health.size')}>{t('mb', { n: decimal(database.sizeBytes / MEGABYTE) })}</Fact>
        <Fact name={t('health.jobStore')}>{jobStore === 'mongo' ? 'MongoDB' : 'PostgreSQL'}</Fact>
      </Facts>
    </Section>
  );
}
