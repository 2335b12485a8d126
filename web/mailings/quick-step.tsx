import { Button } from '@mantine/core';
import { lazy, Suspense, useState } from 'react';
import { useTranslation } from 'react-i18next';
import type { MailingRowFragment } from '../generated/graphql.js';

const StepDialog = lazy(() => import('./step-dialog.js'));

/** Pause or resume, from the list; everything else is on the mailing's page. */
export function QuickStep({ mailing }: { mailing: MailingRowFragment }) {
  const { t } = useTranslation('mailings');
  const [asked, setAsked] = useState<'pause' | 'resume' | null>(null);
  const [opened, setOpened] = useState(false);
  const step = mailing.status === 'RUNNING' ? 'pause' : mailing.status === 'PAUSED' ? 'resume' : null;
  return (
    <>
      {step ? (
        <Button
          variant="default"
          size="compact-sm"
          className="quick-step"
          aria-label={t(`${step}.of`, { name: mailing.name })}
          onClick={() => {
            setAsked(step);
            setOpened(true);
          }}
        >
          {t(step)}
        </Button>
      ) : null}
      {asked ? (
        <Suspense>
          <StepDialog step={asked} mailing={mailing} opened={opened} onClose={() => setOpened(false)} />
        </Suspense>
      ) : null}
    </>
  );
}
