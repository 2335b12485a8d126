import { Badge, Group, Stack, Text } from '@mantine/core';
import { useTranslation } from 'react-i18next';
import { useQuery } from 'urql';
import { type DailyReportLetterStatesFragment, DailyReportRecipientsDocument } from '../generated/graphql.js';
import { useServerWords } from '../i18n/use-server-words.js';

type State = DailyReportLetterStatesFragment['state'];

/** How many letters are in which state: `3 sent, 1 in doubt`. */
export function useStatesInWords(): (letters: readonly DailyReportLetterStatesFragment[]) => string {
  const { t } = useTranslation('dailyReports');
  return (letters) =>
    [...Map.groupBy(letters, ({ state }) => state)]
      .map(([state, some]) => `${some.length} ${t(`state.${state}`)}`)
      .join(', ');
}

/** Each letter with its address: for those who look after users. */
export function LetterStates({ date }: { date: string }) {
  const { t } = useTranslation('dailyReports');
  const inWords = useServerWords();
  const [{ data }] = useQuery({
    query: DailyReportRecipientsDocument,
    variables: { date },
    requestPolicy: 'cache-and-network',
  });
  const letters = data?.dailyReport?.letters ?? [];
  if (letters.length === 0) return null;
  return (
    <Stack component="ul" gap={4} m={0} p={0} style={{ listStyle: 'none' }} aria-label={t('letters')}>
      {letters.map(({ recipient, state, problem }) => (
        <li key={recipient}>
          <Group gap="xs">
            <Text size="sm" style={{ overflowWrap: 'anywhere' }}>
              {recipient}
            </Text>
            <Badge variant="outline" color="gray" c={`var(--${COLOURS[state]})`} tt="none">
              {t(`state.${state}`)}
            </Badge>
            {problem && state !== 'SENT' ? (
              <Text size="sm" c="dimmed">
                {inWords(problem)}
              </Text>
            ) : null}
          </Group>
        </li>
      ))}
    </Stack>
  );
}

const COLOURS: Record<State, string> = {
  WAITING: 'dim',
  SENDING: 'dim',
  HANDING_OVER: 'dim',
  SENT: 'sent',
  REFUSED: 'failed',
  IN_DOUBT: 'unknown',
  GIVEN_UP: 'failed',
};
