import { Alert, Anchor, Stack, Text } from '@mantine/core';
import { useTranslation } from 'react-i18next';
import { Link } from 'wouter';
import { useServerWords } from '../i18n/use-server-words.js';
import { useFormat } from '../ui/format.js';
import type { Problem } from './problems.js';

/** What is wrong, each with what to do about it; or that all is well. */
export function ProblemList({ problems, answers }: { problems: readonly Problem[]; answers: boolean }) {
  const { t } = useTranslation('operations');
  if (problems.length === 0) {
    // Where the server does not answer, the trouble below says so.
    return answers ? (
      <Alert color="green" variant="outline" title={t('health.well')}>
        {t('health.wellText')}
      </Alert>
    ) : null;
  }
  return (
    <Stack gap="sm">
      {problems.map((problem) => (
        <OneProblem key={JSON.stringify(problem)} problem={problem} />
      ))}
    </Stack>
  );
}

function OneProblem({ problem }: { problem: Problem }) {
  const { t } = useTranslation('operations');
  const words = useProblemWords(problem);
  return (
    <Alert
      color={problem.kind === 'versions' || problem.kind === 'restart' ? 'orange' : 'red'}
      variant="outline"
      title={t(`problem.${problem.kind}`, words)}
    >
      <Text>{t(`problem.${problem.kind}.do`, words)}</Text>
      {problem.kind === 'stopped' ? (
        <Anchor component={Link} href="/settings">
          {t('problem.toSettings')}
        </Anchor>
      ) : null}
    </Alert>
  );
}

/** What its sentences have to be filled with. */
function useProblemWords(problem: Problem) {
  const { t } = useTranslation('operations');
  const { clock, decimal } = useFormat();
  const inWords = useServerWords();
  const given = { name: '', host: '', at: '', versions: '', n: '', channel: '', reason: '' };
  switch (problem.kind) {
    case 'silent':
      return { ...given, host: problem.host, at: clock(problem.seenAt) };
    case 'versions':
      return { ...given, versions: problem.versions };
    case 'slow':
      return { ...given, n: decimal(problem.ms) };
    case 'circuit': {
      const { channel, reason, probeAt } = problem;
      return { ...given, channel: t(`channel.${channel}`), reason: inWords(reason), at: clock(probeAt) };
    }
    case 'noWorker':
    case 'stopped':
      return given;
    default:
      return { ...given, name: problem.name };
  }
}
