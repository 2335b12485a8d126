import './words.js';
import { Modal, type ModalProps } from '@mantine/core';
import { useEffect } from 'react';
import { useTranslation } from 'react-i18next';

const TITLE = { fontSize: '1.1rem', fontWeight: 650, overflowWrap: 'anywhere' } as const;

/** A dialog in the middle of the window, with a named way out. */
export function Dialog(props: ModalProps) {
  const { t } = useTranslation('ui');
  useFocusBack(props.opened);
  return <Modal centered closeButtonProps={{ 'aria-label': t('close') }} styles={{ title: TITLE }} {...props} />;
}

/** One that is taken off the page while it is open, as a question that was answered, leaves the focus where it was before. */
function useFocusBack(opened: boolean): void {
  useEffect(() => {
    if (!opened) return;
    const { body, activeElement } = document;
    // A button that is held while something is done loses the focus before the question comes.
    const before = activeElement === body ? document.getElementById('content') : activeElement;
    return () => {
      setTimeout(() => {
        if (document.activeElement === body && before instanceof HTMLElement && before.isConnected) before.focus();
      });
    };
  }, [opened]);
}
