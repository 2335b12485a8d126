import { Button, Group } from '@mantine/core';
import { notifications } from '@mantine/notifications';
import { useTranslation } from 'react-i18next';

/** How long a change can be taken back by a click, ms. */
const UNDO = 15_000;

/**
 * Says what was done, with a button that takes it back.
 *
 * @param id one for what can be undone: a later word about it takes the place of an earlier one
 */
export function showUndoable(id: string, text: string, onUndo: () => void): void {
  notifications.hide(id);
  const undo = () => {
    notifications.hide(id);
    onUndo();
  };
  notifications.show({ id, autoClose: UNDO, withCloseButton: false, message: <Undoable text={text} onUndo={undo} /> });
}

function Undoable({ text, onUndo }: { text: string; onUndo: () => void }) {
  const { t } = useTranslation('clients');
  return (
    <Group justify="space-between" wrap="nowrap">
      <span>{text}</span>
      <Button size="compact-sm" variant="default" onClick={onUndo}>
        {t('undo')}
      </Button>
    </Group>
  );
}
