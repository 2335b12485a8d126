import './words.js';
import './import.css';
import { Alert, Anchor, Stack, Text } from '@mantine/core';
import { useEffect, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { Link, useSearchParams } from 'wouter';
import { useMay } from '../shell/viewer.js';
import { Page } from '../ui/page.js';
import { ChooseFile } from './choose-file.js';
import exampleFile from './example.csv?url';
import { ImportForm } from './import-form.js';
import { ImportResult } from './import-result.js';
import { RecentImports } from './recent-imports.js';
import { useUpload } from './use-upload.js';

/** The example's name for whoever downloads it. */
const EXAMPLE_NAME = 'clients-example.csv';

/** From a file to clients: choose it, say what its columns mean, try it without writing anything, bring it in. */
export default function ImportPage() {
  const { t } = useTranslation('import');
  const mayWrite = useMay('CLIENTS_WRITE');
  const [parameters, setParameters] = useSearchParams();
  const job = parameters.get('job');
  const [file, setFile] = useState<File | null>(null);
  // The address knows the job: whoever leaves and comes back sees how far it is.
  const upload = useUpload(file, (id) => setParameters({ job: id }));
  const wantsExample = parameters.has('example');
  useExample(wantsExample && mayWrite, setFile);
  const restart = () => {
    setFile(null);
    upload.forget();
    setParameters({});
  };
  if (!mayWrite) {
    return (
      <Page title={t('title')}>
        <Alert variant="outline">{t('notAllowed')}</Alert>
      </Page>
    );
  }
  return (
    <Page title={t('title')}>
      {job === null ? null : (
        <ImportResult
          key={job}
          id={job}
          upload={upload}
          size={file?.size ?? 0}
          onBack={file === null ? null : () => setParameters({})}
          onRestart={restart}
        />
      )}
      {job === null && file !== null ? <ImportForm file={file} upload={upload} onRestart={restart} /> : null}
      {job === null && file === null ? (
        <Stack gap="md">
          <ChooseFile onFile={setFile} />
          <Text size="sm">
            {t('example')}{' '}
            <Anchor href={exampleFile} download={EXAMPLE_NAME} inherit>
              {t('example.download')}
            </Anchor>
            {' · '}
            <Anchor component={Link} href="/clients/import?example" inherit>
              {t('example.use')}
            </Anchor>
          </Text>
          <RecentImports />
        </Stack>
      ) : null}
    </Page>
  );
}

/** `/clients/import?example` begins with the example, as if it had been chosen. */
function useExample(wanted: boolean, setFile: (file: File) => void): void {
  useEffect(() => {
    if (!wanted) return;
    const over = new AbortController();
    fetch(exampleFile, { signal: over.signal })
      .then((response) => response.blob())
      .then((blob) => setFile(new File([blob], EXAMPLE_NAME, { type: 'text/csv' })))
      .catch(() => {
        // Gone elsewhere, or no network: the page as it is says how to go on.
      });
    return () => over.abort();
  }, [wanted, setFile]);
}
