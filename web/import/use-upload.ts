import { notifications } from '@mantine/notifications';
import { useEffect, useRef, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { goToSignIn, SignedOut } from '../api/ask.js';
import { freshKey } from '../api/fresh-key.js';
import { useServerWords } from '../i18n/use-server-words.js';
import { type Plan, upload } from './upload.js';

/** A file on its way, and what can be done about it. */
export interface Upload {
  /** How much of it has been sent, 0 to 1; null: nothing is on its way. */
  share: number | null;
  /** Why it did not get there: a sentence. */
  error: string | null;
  /** Sends it, with nothing to be written yet or for good. */
  send: (plan: Plan) => void;
  /** Stops sending. Nothing of it stays. */
  cancel: () => void;
  /** Whether the file was tried and can now be brought in for good. */
  canImport: boolean;
  importForReal: () => void;
  forget: () => void;
}

/**
 * Sends a file. Whoever goes to another page meanwhile is told there when it has arrived; whoever closes the window is asked first.
 *
 * @param onArrived told the id of the job
 */
export function useUpload(file: File | null, onArrived: (id: string) => void): Upload {
  const { t } = useTranslation('import');
  const inWords = useServerWords();
  const [share, setShare] = useState<number | null>(null);
  const [error, setError] = useState<string | null>(null);
  const tried = useRef<Plan | null>(null);
  const under = useRef<AbortController | null>(null);
  const isHere = useRef(true);
  useEffect(() => {
    isHere.current = true;
    return () => {
      isHere.current = false;
    };
  }, []);
  useLeaveGuard(share !== null);

  const arrive = (id: string, plan: Plan) => {
    tried.current = plan.dryRun ? plan : null;
    if (isHere.current) onArrived(id);
    else notifications.show({ message: t('arrived', { id }) });
  };
  const fail = (fault: unknown) => {
    if (fault instanceof SignedOut) goToSignIn();
    else setError(inWords((fault as Error).message));
  };
  const send = (plan: Plan) => {
    if (file === null || under.current !== null) return;
    const control = new AbortController();
    under.current = control;
    setError(null);
    setShare(0);
    upload(file, plan, { key: freshKey(), onProgress: setShare, signal: control.signal })
      .then((id) => arrive(id, plan))
      .catch((fault) => control.signal.aborted || fail(fault))
      .finally(() => {
        under.current = null;
        setShare(null);
      });
  };
  return {
    share,
    error,
    send,
    cancel: () => under.current?.abort(new Error('cancelled')),
    canImport: file !== null && tried.current !== null && share === null,
    importForReal: () => {
      if (tried.current) send({ ...tried.current, dryRun: false });
    },
    forget: () => {
      under.current?.abort(new Error('cancelled'));
      tried.current = null;
      setError(null);
    },
  };
}

/** The browser asks before it closes a page from which a file is still being sent. */
function useLeaveGuard(isOn: boolean): void {
  useEffect(() => {
    if (!isOn) return;
    const ask = (event: BeforeUnloadEvent) => event.preventDefault();
    addEventListener('beforeunload', ask);
    return () => removeEventListener('beforeunload', ask);
  }, [isOn]);
}
