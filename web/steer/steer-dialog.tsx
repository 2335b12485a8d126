import './steer.css';
import { lazy, Suspense } from 'react';
import { useTranslation } from 'react-i18next';
import { Dialog } from '../ui/dialog.js';
import { PageSkeleton } from '../ui/page-skeleton.js';
import type { Step } from './possible-steps.js';
import { useSteered } from './steered.js';

const ConfirmStep = lazy(() => import('./confirm-step.js').then(({ ConfirmStep }) => ({ default: ConfirmStep })));
const TestSends = lazy(() => import('./test-sends.js'));
const ReportLinks = lazy(() => import('../report/report-links.js'));

/** A step to be confirmed, or something else that is done in a dialog. */
export type SteerDialogName = Step | 'test' | 'share';

interface SteerDialogProps {
  name: SteerDialogName;
  onClose: () => void;
  onTaken: (step: Step) => void;
}

/** The dialog of that name, each loaded with its first use. */
export function SteerDialog({ name, onClose, onTaken }: SteerDialogProps) {
  const { t } = useTranslation('steer');
  const { mailing } = useSteered();
  if (mailing === undefined) return null;
  if (name !== 'test' && name !== 'share') {
    return (
      <Suspense>
        <ConfirmStep step={name} mailing={mailing} onClose={onClose} onTaken={onTaken} />
      </Suspense>
    );
  }
  return (
    <Dialog opened onClose={onClose} title={t(`step.${name}`)} size="lg">
      <Suspense fallback={<PageSkeleton />}>
        {name === 'test' ? <TestSends mailing={mailing} /> : <ReportLinks mailingId={mailing.id} />}
      </Suspense>
    </Dialog>
  );
}
