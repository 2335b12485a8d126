import { Alert, Button } from '@mantine/core';
import { Component, type ReactNode } from 'react';
import { useTranslation } from 'react-i18next';

interface Props {
  /** The page's address: another one starts anew. */
  path: string;
  children: ReactNode;
}

interface State {
  error: Error | null;
  /** Where it happened. */
  path: string;
}

/** Keeps an error of one page from taking the frame, or the other pages, with it. */
export class CrashGuard extends Component<Props, State> {
  override state: State = { error: null, path: this.props.path };

  static getDerivedStateFromError(error: Error) {
    return { error };
  }

  static getDerivedStateFromProps({ path }: Props, state: State) {
    return path === state.path ? null : { error: null, path };
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
