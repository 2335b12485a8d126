import { Alert, Button, Group } from '@mantine/core';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { useFormat } from '../ui/format.js';
import { useEditorForm } from './editing.js';
import type { EditorValues } from './form-values.js';
import type { StoredEdit } from './stored-edit.js';

/** Says that what was left unsaved is here again. It can be thrown away, and that can be taken back. @param fresh what there is without it */
export function RestoredNotice({ found, fresh }: { found: StoredEdit | null; fresh: EditorValues }) {
  const { t } = useTranslation('editor');
  const { moment } = useFormat();
  const form = useEditorForm();
  const [thrownAway, setThrownAway] = useState<EditorValues | null>(null);
  if (found === null) return null;
  const throwAway = () => {
    setThrownAway(form.getValues());
    form.setValues(fresh);
    form.clearErrors();
  };
  const takeBack = () => {
    if (thrownAway) form.setValues(thrownAway);
    setThrownAway(null);
  };
  return (
    <Alert variant="outline" role="status" p="sm">
      <Group justify="space-between">
        <span>{thrownAway ? t('restored.gone') : t('restored.text', { at: moment(found.at) })}</span>
        <Button size="xs" variant="default" onClick={thrownAway ? takeBack : throwAway}>
          {t(thrownAway ? 'restored.undo' : 'restored.discard')}
        </Button>
      </Group>
    </Alert>
  );
}
