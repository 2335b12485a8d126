import './words.js';
import { Button, Group, Skeleton } from '@mantine/core';
import { notifications } from '@mantine/notifications';
import { memo, useRef, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { useMutation } from 'urql';
import { useLocation } from 'wouter';
import { freshKey } from '../api/fresh-key.js';
import { CloneMailingDocument, type SteeredMailingFragment } from '../generated/graphql.js';
import { useMay } from '../shell/viewer.js';
import { troubleText } from '../ui/trouble.js';
import { MoreActions } from './more-actions.js';
import { firstStep, refusalOf, type Step } from './possible-steps.js';
import { SteerDialog, type SteerDialogName } from './steer-dialog.js';
import { useSteered } from './steered.js';
import { TellMe } from './tell-me.js';

/** What can be done with a mailing: what its status asks for at hand, the rest in a menu, what is impossible with the reason. */
export const MailingActions = memo(function MailingActions() {
  const mayWrite = useMay('MAILINGS_WRITE');
  const { mailing } = useSteered();
  if (mailing === undefined) return <Skeleton height={36} width="16rem" />;
  return (
    <>
      <TellMe id={mailing.id} status={mailing.status} />
      {mayWrite ? <Actions mailing={mailing} /> : null}
    </>
  );
});

/** Drawn anew for what it hangs on, and not with every move of the figures. */
const Actions = memo(
  ActionsNow,
  ({ mailing: before }, { mailing: after }) =>
    before.id === after.id &&
    before.name === after.name &&
    before.status === after.status &&
    before.revision === after.revision &&
    before.endsAt === after.endsAt &&
    before.progress.open > 0 === after.progress.open > 0,
);

function ActionsNow({ mailing }: { mailing: SteeredMailingFragment }) {
  const { t } = useTranslation('steer');
  const [, go] = useLocation();
  const [dialog, setDialog] = useState<SteerDialogName | null>(null);
  const menu = useRef<HTMLButtonElement>(null);
  const clone = useClone(mailing.id, go);
  const first = firstStep(mailing.status);
  const close = () => {
    setDialog(null);
    // What opened the dialog may be gone with its menu, or with the status; the menu itself is always there.
    setTimeout(() => {
      if (document.activeElement === document.body) menu.current?.focus();
    }, 300);
  };
  return (
    <Group gap="xs" role="group" aria-label={t('actions')}>
      {mailing.status === 'DRAFT' ? <StepButton step="schedule" mailing={mailing} onClick={setDialog} plain /> : null}
      {first ? <StepButton step={first} mailing={mailing} onClick={setDialog} /> : null}
      {first === null ? (
        <Button onClick={clone.run} loading={clone.fetching}>
          {t('step.clone')}
        </Button>
      ) : null}
      <MoreActions ref={menu} mailing={mailing} onChoose={setDialog} onClone={clone.run} />
      {dialog ? (
        <SteerDialog
          name={dialog}
          onClose={close}
          onTaken={(step) => {
            if (step === 'delete') go('/');
          }}
        />
      ) : null}
    </Group>
  );
}

interface StepButtonProps {
  step: Step;
  mailing: SteeredMailingFragment;
  onClick: (step: Step) => void;
  /** One of two: the other is what most people want. */
  plain?: boolean;
}

function StepButton({ step, mailing, onClick, plain = false }: StepButtonProps) {
  const { t } = useTranslation('steer');
  const { status, endsAt, progress } = mailing;
  const refusal = refusalOf(step, { status, endsAt, open: progress.open }, Date.now());
  return (
    <Button
      variant={plain ? 'default' : 'filled'}
      // Stays in the tab order, so that the reason can be read.
      {...(refusal && { 'data-disabled': true, 'aria-disabled': true, title: t(refusal) })}
      onClick={(event) => (refusal ? event.preventDefault() : onClick(step))}
    >
      {t(`step.${step}`)}
    </Button>
  );
}

/** Makes one draft however often it is pressed, and goes there. */
function useClone(id: string, go: (path: string) => void) {
  const { t } = useTranslation('steer');
  const { t: shell } = useTranslation('shell');
  const [{ fetching }, execute] = useMutation(CloneMailingDocument);
  const run = async () => {
    if (fetching) return;
    const { data, error } = await execute({ id, idempotencyKey: freshKey() });
    const made = data?.taken.mailing;
    const trouble = error ? troubleText(error, shell('trouble.network')) : data?.taken.userErrors[0]?.message;
    if (trouble) notifications.show({ color: 'red', message: trouble });
    if (!made) return;
    notifications.show({ message: t('done.clone', { name: made.name }) });
    go(`/mailings/${made.id}/edit`);
  };
  return { run: () => void run(), fetching };
}
