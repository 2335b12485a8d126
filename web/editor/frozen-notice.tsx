import { Alert } from '@mantine/core';
import { useTranslation } from 'react-i18next';
import { useEdited } from './editing.js';

/** What may still be changed of a mailing that was launched. */
export function FrozenNotice() {
  const { t } = useTranslation('editor');
  const { mailing } = useEdited();
  const status = mailing?.status;
  if (status === undefined || status === 'DRAFT' || status === 'SCHEDULED') return null;
  const word = status === 'CANCELLED' || status === 'COMPLETED' ? status : 'launched';
  return (
    <Alert variant="outline" p="sm">
      {t(`notice.${word}`)}
    </Alert>
  );
}
