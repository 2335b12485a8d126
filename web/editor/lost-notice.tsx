import { Alert, Button, Text } from '@mantine/core';
import { useTranslation } from 'react-i18next';
import type { Part } from './form-values.js';

/** Somebody started or cancelled the mailing in the meantime: says what of this edit can't be saved any more, and takes it back. */
export function LostNotice({ parts, onTakeBack }: { parts: readonly Part[]; onTakeBack: () => void }) {
  const { t } = useTranslation('editor');
  return (
    <Alert role="alert" color="orange" variant="outline" mb="xs">
      <Text size="sm">{t('lost.text', { parts: parts.map((part) => t(`part.${part}`)).join(', ') })}</Text>
      <Button mt="xs" size="xs" variant="default" onClick={onTakeBack}>
        {t('lost.takeBack')}
      </Button>
    </Alert>
  );
}
