import { Alert, Button } from '@mantine/core';
import { Component, type ReactNode } from 'react';
import { useTranslation } from 'react-i18next';

/** Keeps an error of one page from taking the frame with it. An old page after an update misses its chunks, and loading it again helps. */
export class CrashGuard extends Component<{ children: ReactNode }, { error: Error | null }> {
  override state: { error: Error | null } = { error: null };

  static getDerivedStateFromError(error: Error) {
    return { error };
  }

  override render() {
    return this.state.error ? <Crash message={this.state.error.message} /> : this.props.children;
  }
}

function Crash({ message }: { message: string }) {
  const { t } = useTranslation('shell');
  return (
    <Alert role="alert" color="red" variant="outline" title={t('trouble.title')}>
      <p>{t('crash.text', { message })}</p>
      <Button onClick={() => location.reload()}>{t('crash.reload')}</Button>
    </Alert>
  );
}
