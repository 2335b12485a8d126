import './words.js';
import { Modal, type ModalProps } from '@mantine/core';
import { useTranslation } from 'react-i18next';

const TITLE = { fontSize: '1.1rem', fontWeight: 650, overflowWrap: 'anywhere' } as const;

/** A dialog in the middle of the window, with a named way out. */
export function Dialog(props: ModalProps) {
  const { t } = useTranslation('ui');
  return <Modal centered closeButtonProps={{ 'aria-label': t('close') }} styles={{ title: TITLE }} {...props} />;
}
