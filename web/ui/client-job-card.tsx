import './words.js';
import { Alert, Anchor, Button, Card, CloseButton, Group, Progress, Stack, Text, Title } from '@mantine/core';
import { useEffect, useRef } from 'react';
import { useTranslation } from 'react-i18next';
import { useMutation, useSubscription } from 'urql';
import { CancelClientJobDocument, type ClientJobPartsFragment, FollowClientJobDocument } from '../generated/graphql.js';
import { useServerWords } from '../i18n/use-server-words.js';
import { useMay } from '../shell/viewer.js';
import { isOver, jobFigures, timeLeft } from './client-job.js';
import { useFormat } from './format.js';
import { Trouble } from './trouble.js';

interface Props {
  id: string;
  /** Told once, when the job is over. */
  onOver?: (job: ClientJobPartsFragment) => void;
  /** Whoever has seen what became of it puts it away. */
  onClose?: () => void;
}

/** How far an import, or another job on clients, is: live until it is over, with a way to stop it and what became of it. */
export function ClientJobCard({ id, onOver, onClose }: Props) {
  const [{ data, error }] = useSubscription({ query: FollowClientJobDocument, variables: { id } });
  const job = data?.importProgress;
  const told = useRef<string | null>(null);
  useEffect(() => {
    if (job === undefined || !isOver(job) || told.current === job.id) return;
    told.current = job.id;
    onOver?.(job);
  }, [job, onOver]);
  if (job === undefined) return error ? <Trouble error={error} /> : <Card withBorder mih={140} aria-busy="true" />;
  return <JobState job={job} {...(onClose && { onClose })} />;
}

/** A job as it stands at this moment. */
export function JobState({ job, onClose }: { job: ClientJobPartsFragment; onClose?: () => void }) {
  const { t } = useTranslation('ui');
  const inWords = useServerWords();
  const mayWrite = useMay('CLIENTS_WRITE');
  return (
    <Card withBorder component="section" aria-label={t(`job.kind.${job.kind}`)}>
      <Stack gap="sm">
        <Group justify="space-between">
          <Title order={2} size="h4">
            {t(job.dryRun ? 'job.dryRun' : `job.kind.${job.kind}`)}
          </Title>
          <Group gap="xs">
            <Text fw={600} role="status">
              {t(`job.status.${job.status}`)}
            </Text>
            {onClose && isOver(job) ? <CloseButton aria-label={t('job.close')} onClick={onClose} /> : null}
          </Group>
        </Group>
        <HowFar job={job} />
        <Figures job={job} />
        {job.reason === null ? null : (
          <Alert color="red" variant="outline" title={t('job.broken')}>
            {inWords(job.reason)}
          </Alert>
        )}
        <Group gap="sm">
          {mayWrite && !isOver(job) ? <CancelButton id={job.id} /> : null}
          <RejectsLink job={job} />
        </Group>
      </Stack>
    </Card>
  );
}

function HowFar({ job }: { job: ClientJobPartsFragment }) {
  const { t } = useTranslation('ui');
  const { count, duration } = useFormat();
  if (job.total === null) return <Text c="dimmed">{t('job.arriving')}</Text>;
  const left = timeLeft(job, Date.now());
  const share = job.total === 0 ? 100 : (job.done / job.total) * 100;
  return (
    <div>
      <Progress value={share} aria-label={t('job.progress')} transitionDuration={250} color="var(--sent)" />
      <Text size="sm" mt={6} className="figures">
        {t('job.done', { done: count(job.done), total: count(job.total) })}
        {left === null ? '' : ` · ${t('job.left', { duration: duration(left) })}`}
      </Text>
    </div>
  );
}

function Figures({ job }: { job: ClientJobPartsFragment }) {
  const { t } = useTranslation('ui');
  const { count } = useFormat();
  return (
    <Group component="dl" gap="xl" m={0} className="figures">
      {jobFigures(job).map((figure) => (
        <div key={figure}>
          <Text component="dt" size="sm" c="dimmed">
            {t(`job.${figure}`)}
          </Text>
          <Text
            component="dd"
            m={0}
            size="lg"
            fw={600}
            {...(figure === 'failed' && job.failed > 0 && { c: 'var(--failed)' })}
          >
            {count(job[figure])}
          </Text>
        </div>
      ))}
    </Group>
  );
}

function CancelButton({ id }: { id: string }) {
  const { t } = useTranslation('ui');
  const [{ fetching, error, data }, cancel] = useMutation(CancelClientJobDocument);
  const refused = data?.clientJobCancel.userErrors[0]?.message;
  return (
    <>
      <Button size="xs" variant="default" loading={fetching} onClick={() => cancel({ id })}>
        {t('job.cancel')}
      </Button>
      {error ? <Trouble error={error} /> : null}
      {refused === undefined ? null : <Text size="sm">{refused}</Text>}
    </>
  );
}

/** The lines that were left out, for those who may see phones. */
function RejectsLink({ job }: { job: ClientJobPartsFragment }) {
  const { t } = useTranslation('ui');
  const mayPhones = useMay('CLIENTS_PHONES');
  const mayWrite = useMay('CLIENTS_WRITE');
  if (job.kind !== 'IMPORT' || job.failed === 0 || !mayPhones || !mayWrite) return null;
  return (
    <Anchor href={`/api/v1/clients/import/${job.id}/rejects?bom=true`} download>
      {t('job.rejects')}
    </Anchor>
  );
}
