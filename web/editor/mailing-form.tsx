import { Stack } from '@mantine/core';
import { useMemo, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { useQuery } from 'urql';
import { type EditedMailingFragment, EditorAudienceDocument } from '../generated/graphql.js';
import { useMay, useViewer } from '../shell/viewer.js';
import { Page } from '../ui/page.js';
import { MailingStatusBadge } from '../ui/status-badge.js';
import './editor.css';
import { ActionBar } from './action-bar.js';
import type { CountedAudience } from './audience-count.js';
import { ConfirmDialog } from './confirm-dialog.js';
import { ConflictDialog } from './conflict-dialog.js';
import { EditedContext, EditorForm, useEdited, useEditor, useEditorForm } from './editing.js';
import { ForecastSection } from './forecast-section.js';
import { changedParts, inputOfParts, newValues, revived, valuesOf } from './form-values.js';
import { FrozenNotice } from './frozen-notice.js';
import { HowSection } from './how-section.js';
import { LeaveDialog } from './leave-dialog.js';
import { usePreview } from './preview.js';
import { PreviewSection } from './preview-section.js';
import { RestoredNotice } from './restored-notice.js';
import { storedKey } from './stored-edit.js';
import { attributeNames } from './text-place.js';
import { useForecast } from './use-forecast.js';
import { useLeaveGuard } from './use-leave-guard.js';
import { useSettled } from './use-settled.js';
import { forgetEdit, useFoundEdit, useKeptEdit } from './use-stored-edit.js';
import { useSubmit } from './use-submit.js';
import { WhenSection } from './when-section.js';
import { WhoSection } from './who-section.js';
import { WordsSection } from './words-section.js';
import { ownZone } from './zoned-time.js';

/** Everything that a person decides about a mailing, and what comes of it. @param mailing null: a new one */
export function MailingForm({ mailing }: { mailing: EditedMailingFragment | null }) {
  const { t } = useTranslation('editor');
  const key = storedKey(useViewer().name, mailing?.id ?? 'new');
  const [fresh] = useState(() => {
    const now = Date.now();
    return mailing === null ? newValues(now, ownZone()) : valuesOf(mailing, ownZone(), now);
  });
  const found = useFoundEdit(key, fresh);
  const [ground, setGround] = useState({
    base: found?.base ?? fresh,
    revision: found === null ? (mailing?.revision ?? null) : found.revision,
  });
  const form = useEditor({ initialValues: found === null ? fresh : revived(found.values, Date.now()) });
  const [isDone, setDone] = useState(false);
  const isDirty = !isDone && changedParts(ground.base, form.values).length > 0;
  useKeptEdit(key, isDirty ? { ...ground, values: form.values } : null);
  const guard = useLeaveGuard(isDirty);
  const submit = useSubmit({
    form,
    mailing,
    ground,
    onGround: setGround,
    onDone: (id) => {
      setDone(true);
      forgetEdit(key);
      guard.go(`/mailings/${id}`);
    },
  });
  const badge = mailing ? <MailingStatusBadge status={mailing.status} /> : null;
  return (
    <EditedContext value={mailing}>
      <EditorForm form={form}>
        <Page title={mailing === null ? t('title.new') : t('title.edit', { name: mailing.name })} actions={badge}>
          <FrozenNotice />
          <RestoredNotice found={found} fresh={fresh} />
          <form noValidate onSubmit={submit.onSubmit}>
            <Stack gap="md">
              <Sections />
              <ActionBar submit={submit} isDirty={isDirty} base={ground.base} />
            </Stack>
          </form>
          {submit.confirming ? (
            <ConfirmDialog
              intent={submit.confirming}
              values={form.values}
              saving={submit.saving}
              onYes={submit.confirm}
              onNo={submit.cancel}
            />
          ) : null}
          {submit.theirs && mailing ? (
            <ConflictDialog
              base={ground.base}
              mine={form.values}
              theirs={valuesOf(submit.theirs, form.values.zone, Date.now())}
              onTake={submit.takeMerged}
              onClose={submit.cancel}
            />
          ) : null}
          <LeaveDialog guard={guard} />
        </Page>
      </EditorForm>
    </EditedContext>
  );
}

function Sections() {
  const { values } = useEditorForm();
  const { mailing } = useEdited();
  const counted = useAudience();
  const clients = useMemo(() => counted.audience?.sample ?? [], [counted.audience]);
  const preview = usePreview(values.text, clients);
  const isOver = mailing?.status === 'CANCELLED' || mailing?.status === 'COMPLETED';
  const forecast = useForecast(isOver);
  return (
    <div className="editor">
      <WordsSection problems={preview.problems} names={attributeNames(clients)} />
      <PreviewSection preview={preview} />
      <div className="editor-rest">
        <WhoSection counted={counted} />
        <WhenSection>{isOver ? null : <ForecastSection state={forecast} />}</WhenSection>
        <HowSection />
      </div>
    </div>
  );
}

/** Whom the filter matches, a moment after it was last changed. */
function useAudience(): CountedAudience {
  const { values } = useEditorForm();
  const filter = useSettled(inputOfParts(values, ['filter']).filter ?? {}, 300);
  const [{ data, fetching, stale, error }] = useQuery({
    query: EditorAudienceDocument,
    variables: { filter },
    pause: !useMay('CLIENTS_READ'),
    requestPolicy: 'cache-and-network',
  });
  return { filter, audience: data?.audience, asking: fetching || stale, error };
}
