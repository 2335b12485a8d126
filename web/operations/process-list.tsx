import { Group, Stack, Text } from '@mantine/core';
import { useTranslation } from 'react-i18next';
import type { HealthQuery } from '../generated/graphql.js';
import { useFormat } from '../ui/format.js';
import { Section } from './section.js';

type Process = HealthQuery['health']['processes'][number];

/** The processes of the program, on whichever machine. */
export function ProcessList({ processes }: { processes: readonly Process[] }) {
  const { t } = useTranslation('operations');
  return (
    <Section title={t('processes.title')}>
      {processes.length === 0 ? <Text>{t('processes.none')}</Text> : null}
      <Stack component="ul" gap="sm" m={0} p={0} style={{ listStyle: 'none' }}>
        {processes.map((process) => (
          <ProcessLine key={process.id} process={process} />
        ))}
      </Stack>
    </Section>
  );
}

function ProcessLine({ process }: { process: Process }) {
  const { t } = useTranslation('operations');
  const { moment, clock } = useFormat();
  const { host, role, version, nodeVersion, startedAt, seenAt, silent } = process;
  const does = role === 'all' || role === 'api' || role === 'worker' ? t(`role.${role}`) : role;
  return (
    <Group component="li" justify="space-between" gap="xs">
      <div>
        <Text style={{ overflowWrap: 'anywhere' }}>
          <b>{host}</b> {does}
        </Text>
        <Text size="sm" c="dimmed">
          Heliograph {version} · Node.js {nodeVersion} · {t('processes.since', { at: moment(startedAt) })}
        </Text>
      </div>
      <Text {...(silent && { c: 'red', fw: 600 })}>
        {silent ? t('processes.silent', { at: clock(seenAt) }) : t('processes.lives')}
      </Text>
    </Group>
  );
}
