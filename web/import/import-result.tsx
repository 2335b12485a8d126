import { Alert, Button, Group, Stack, Table, Text, Title } from '@mantine/core';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { useQuery } from 'urql';
import { Link } from 'wouter';
import { type ClientJobPartsFragment, ImportProblemsDocument } from '../generated/graphql.js';
import { useServerWords } from '../i18n/use-server-words.js';
import { ClientJobCard } from '../ui/client-job-card.js';
import { useFormat } from '../ui/format.js';
import { NotTaken, Sending } from './sending.js';
import type { Upload } from './use-upload.js';

interface Props {
  id: string;
  /** Brings in for good what was tried, if the file is still here. */
  upload: Upload;
  /** Of the file, bytes. */
  size: number;
  /** Back to the columns; null: the file is not here any more. */
  onBack: (() => void) | null;
  onRestart: () => void;
}

/** What an import does, live, and what can be done about it afterwards. */
export function ImportResult({ id, upload, size, ...ways }: Props) {
  const { t } = useTranslation('import');
  const [job, setJob] = useState<ClientJobPartsFragment | null>(null);
  return (
    <Stack gap="md">
      <ClientJobCard id={id} onOver={setJob} />
      {job === null ? (
        <Text size="sm" c="dimmed">
          {t('goAway')} <Link href="/jobs">{t('jobs')}</Link>
        </Text>
      ) : null}
      {job !== null && job.failed > 0 ? <Problems job={job} /> : null}
      <NotTaken error={upload.error} />
      {upload.share === null ? null : <Sending upload={upload} size={size} />}
      {job === null || upload.share !== null ? null : <Next job={job} upload={upload} {...ways} />}
    </Stack>
  );
}

interface NextProps extends Omit<Props, 'id' | 'size'> {
  job: ClientJobPartsFragment;
}

function Next({ job, upload, onBack, onRestart }: NextProps) {
  const { t } = useTranslation('import');
  const { count } = useFormat();
  if (job.dryRun && job.status === 'COMPLETED') {
    const words = { created: count(job.created), updated: count(job.updated), failed: count(job.failed) };
    return (
      <Alert variant="outline" title={t('tried.title')}>
        <Text mb="sm">{t('tried.text', words)}</Text>
        <Group gap="sm">
          {upload.canImport ? (
            <Button onClick={upload.importForReal} disabled={job.created + job.updated === 0}>
              {t('tried.do')}
            </Button>
          ) : (
            <Text size="sm">{t('tried.chooseAgain')}</Text>
          )}
          {onBack === null ? null : (
            <Button variant="default" onClick={onBack}>
              {t('tried.back')}
            </Button>
          )}
          <Button variant="default" onClick={onRestart}>
            {t('another')}
          </Button>
        </Group>
      </Alert>
    );
  }
  return (
    <Group gap="sm">
      {job.dryRun ? null : (
        <Button component={Link} href="/clients">
          {t('seeClients')}
        </Button>
      )}
      <Button variant="default" onClick={onRestart}>
        {t('another')}
      </Button>
    </Group>
  );
}

/** Lines whose problems are shown: import.graphql. */
const SHOWN = 100;

/** The first lines that were left out, and why. */
function Problems({ job }: { job: ClientJobPartsFragment }) {
  const { t } = useTranslation('import');
  const { count } = useFormat();
  const inWords = useServerWords();
  const [{ data }] = useQuery({ query: ImportProblemsDocument, variables: { id: job.id } });
  const problems = data?.clientJob?.problems ?? [];
  return (
    <section aria-label={t('problems')}>
      <Title order={2} size="h4" mb="xs">
        {t('problems')}
      </Title>
      <Text size="sm" c="dimmed" mb="xs">
        {job.failed > SHOWN ? t('problems.hint', { n: count(job.failed) }) : t('problems.all')}
      </Text>
      <Table.ScrollContainer minWidth={320} type="native" tabIndex={0} aria-label={t('problems')} mah={360}>
        <Table striped withTableBorder className="figures">
          <Table.Thead>
            <Table.Tr>
              <Table.Th>{t('problems.line')}</Table.Th>
              <Table.Th>{t('problems.column')}</Table.Th>
              <Table.Th>{t('problems.message')}</Table.Th>
            </Table.Tr>
          </Table.Thead>
          <Table.Tbody>
            {problems.map(({ line, field, message }) => (
              <Table.Tr key={`${line} ${field} ${message}`}>
                <Table.Td>{count(line)}</Table.Td>
                <Table.Td>{field ?? t('problems.whole')}</Table.Td>
                <Table.Td>{inWords(message)}</Table.Td>
              </Table.Tr>
            ))}
          </Table.Tbody>
        </Table>
      </Table.ScrollContainer>
    </section>
  );
}
