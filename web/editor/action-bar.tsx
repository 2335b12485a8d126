import { Button, Card, Group, Text } from '@mantine/core';
import { useTranslation } from 'react-i18next';
import { Link } from 'wouter';
import { Refused } from '../ui/refused.js';
import { Trouble } from '../ui/trouble.js';
import { useEdited, useEditorForm } from './editing.js';
import type { EditorValues } from './form-values.js';
import { isLaunched, lostParts } from './frozen-parts.js';
import { LostNotice } from './lost-notice.js';
import { takeParts } from './merge-edits.js';
import type { Submit } from './use-submit.js';

/** What can be done with what is written. Stays in sight. */
export function ActionBar({ submit, isDirty, base }: { submit: Submit; isDirty: boolean; base: EditorValues }) {
  const { t } = useTranslation('editor');
  const { mailing } = useEdited();
  const { intent, saving, error, complaints } = submit;
  const isDraft = mailing === null || mailing.status === 'DRAFT';
  const form = useEditorForm();
  const lost = mailing === null ? [] : lostParts(mailing.status, base, form.values);
  const isOnlyEdit = mailing !== null && isLaunched(mailing.status);
  return (
    <div className="action-bar">
      {error ? <Trouble error={error} /> : null}
      {lost.length > 0 ? (
        <LostNotice parts={lost} onTakeBack={() => form.setValues(takeParts(form.values, base, lost))} />
      ) : null}
      {complaints.map((complaint) => (
        <Refused key={complaint} mb="xs">
          {complaint}
        </Refused>
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
            <Button
              type="submit"
              loading={saving && submit.confirming === null}
              disabled={(isOnlyEdit && !isDirty) || lost.length > 0}
            >
              {t(`bar.${intent}`)}
            </Button>
          </Group>
        </Group>
      </Card>
    </div>
  );
}
