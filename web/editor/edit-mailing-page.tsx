import './words.js';
import { useEffect, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { useQuery } from 'urql';
import { useParams } from 'wouter';
import { EditedMailingDocument } from '../generated/graphql.js';
import { useMay } from '../shell/viewer.js';
import { Forbidden } from '../ui/forbidden.js';
import { PageSkeleton } from '../ui/page-skeleton.js';
import { Trouble } from '../ui/trouble.js';
import { MailingForm } from './mailing-form.js';

/** Change a mailing, as far as it may still be changed. A copy of another one is opened here as well. */
export default function EditMailingPage() {
  const { t } = useTranslation('editor');
  const { id = '' } = useParams();
  if (useMay('MAILINGS_WRITE')) return <LoadedForm key={id} id={id} />;
  return <Forbidden title={t('title.editAny')} permission={t('permission')} />;
}

/** An edit begins with what the server has, not with what was seen a while ago, and is not taken away while that is asked again. */
function LoadedForm({ id }: { id: string }) {
  const [{ data, error, fetching, stale }, ask] = useQuery({
    query: EditedMailingDocument,
    variables: { id },
    requestPolicy: 'cache-and-network',
  });
  const [hasBegun, begin] = useState(false);
  const isFresh = data?.mailing && !(fetching || stale);
  useEffect(() => {
    if (isFresh) begin(true);
  }, [isFresh]);
  if (hasBegun && data?.mailing) return <MailingForm mailing={data.mailing} />;
  return error ? <Trouble error={error} onAgain={() => ask({ requestPolicy: 'network-only' })} /> : <PageSkeleton />;
}
