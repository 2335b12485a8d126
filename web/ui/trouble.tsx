import { Alert, Button } from '@mantine/core';
import { useTranslation } from 'react-i18next';
import type { CombinedError } from 'urql';

/** What went wrong with a question to the server, as a sentence, and a way on. */
export function Trouble({ error, onAgain }: { error: CombinedError; onAgain?: () => void }) {
  const { t } = useTranslation('shell');
  return (
    <Alert role="alert" color="red" variant="outline" title={t('trouble.title')} my="md">
      <p>{troubleText(error, t('trouble.network'))}</p>
      {onAgain ? (
        <Button size="xs" onClick={onAgain}>
          {t('trouble.again')}
        </Button>
      ) : null}
    </Alert>
  );
}

/** The server's own sentence, or that there was none. */
export function troubleText(error: CombinedError, networkText: string): string {
  return error.networkError ? networkText : (error.graphQLErrors[0]?.message ?? error.message);
}

/** The same in the language of the moment, for where there is a place of its own for it. */
export function useTroubleText(): (error: CombinedError) => string {
  const { t } = useTranslation('shell');
  return (error) => troubleText(error, t('trouble.network'));
}
