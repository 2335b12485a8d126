import { Alert, Button, Card, Group, Text } from '@mantine/core';
import { useTranslation } from 'react-i18next';
import { Link } from 'wouter';
import { Trouble } from '../ui/trouble.js';
import { useEdited } from './editing.js';
import { isLaunched } from './frozen-parts.js';
import type { Submit } from './use-submit.js';

/** What can be done with what is written. Stays in sight. */
export function ActionBar({ submit, isDirty }: { submit: Submit; isDirty: boolean }) {
  const { t } = useTranslation('editor');
  const { mailing } = useEdited();
  const { intent, saving, error, complaints } = submit;
  const isDraft = mailing === null || mailing.status === 'DRAFT';
  const isOnlyEdit = mailing !== null && isLaunched(mailing.status);
  return (
    <div className="action-bar">
      {error ? <Trouble error={error} /> : null}
      {complaints.map((complaint) => (
        <Alert key={complaint} role="alert" color="red" variant="outline" mb="xs">
          {complaint}
        </Alert>
      ))}
      <Card withBorder padding="sm">
        <Group justify="space-between" gap="xs">
          <Text size="sm" c="dimmed" aria-live="polite">
            {isDirty ? t('bar.kept') : mailing === null ? t('bar.new') : t('bar.unchanged')}
          </Text>
          <Group gap="xs">
            <Button variant="subtle" component={Link} href={mailing === null ? '/' : `/mailings/${mailing.id}`}>
              {t('bar.cancel')}
            </Button>
            {isDraft ? (
              <Button variant="default" disabled={saving} onClick={submit.saveDraft}>
                {t('bar.draft')}
              </Button>
            ) : null}
            <Button type="submit" loading={saving && submit.confirming === null} disabled={isOnlyEdit && !isDirty}>
              {t(`bar.${intent}`)}
            </Button>
          </Group>
        </Group>
      </Card>
    </div>
  );
}
