import './words.js';
import { Modal, type ModalProps } from '@mantine/core';
import { useTranslation } from 'react-i18next';

/** A dialog in the middle of the window, with a named way out. */
export function Dialog(props: ModalProps) {
  const { t } = useTranslation('ui');
  return <Modal centered closeButtonProps={{ 'aria-label': t('close') }} {...props} />;
}
