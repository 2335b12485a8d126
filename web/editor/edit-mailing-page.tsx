import './words.js';
import { Text } from '@mantine/core';
import { useTranslation } from 'react-i18next';
import { useQuery } from 'urql';
import { useParams } from 'wouter';
import { EditedMailingDocument } from '../generated/graphql.js';
import { useMay } from '../shell/viewer.js';
import { Page } from '../ui/page.js';
import { PageSkeleton } from '../ui/page-skeleton.js';
import { Trouble } from '../ui/trouble.js';
import { MailingForm } from './mailing-form.js';

/** Change a mailing, as far as it may still be changed. A copy of another one is opened here as well. */
export default function EditMailingPage() {
  const { t } = useTranslation('editor');
  const { id = '' } = useParams();
  const mayWrite = useMay('MAILINGS_WRITE');
  const [{ data, error, fetching, stale }, ask] = useQuery({
    query: EditedMailingDocument,
    variables: { id },
    requestPolicy: 'cache-and-network',
  });
  if (!mayWrite) {
    return (
      <Page title={t('title.editAny')}>
        <Text>{t('forbidden')}</Text>
      </Page>
    );
  }
  // An edit begins with what the server has, not with what was seen a while ago.
  if (data?.mailing && !(fetching || stale)) return <MailingForm key={id} mailing={data.mailing} />;
  return error ? <Trouble error={error} onAgain={() => ask({ requestPolicy: 'network-only' })} /> : <PageSkeleton />;
}
