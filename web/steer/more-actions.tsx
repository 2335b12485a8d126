import { Button, Menu, Text } from '@mantine/core';
import { IconChevronDown } from '@tabler/icons-react';
import type { Ref } from 'react';
import { useTranslation } from 'react-i18next';
import { useLocation } from 'wouter';
import type { SteeredMailingFragment } from '../generated/graphql.js';
import { firstStep, refusalOf, type Step } from './possible-steps.js';
import type { SteerDialogName } from './steer-dialog.js';

interface MoreActionsProps {
  ref: Ref<HTMLButtonElement>;
  mailing: SteeredMailingFragment;
  onChoose: (dialog: SteerDialogName) => void;
  onClone: () => void;
}

const STEPS: readonly Step[] = ['schedule', 'start', 'pause', 'resume'];

/** Everything else that can be done; what the status does not allow says why. */
export function MoreActions({ ref, mailing, onChoose, onClone }: MoreActionsProps) {
  const { t } = useTranslation('steer');
  const [, go] = useLocation();
  const first = firstStep(mailing.status);
  const item = (step: Step) => <StepItem key={step} step={step} mailing={mailing} onChoose={onChoose} />;
  const isAtHand = (step: Step) => step === first || (mailing.status === 'DRAFT' && step === 'schedule');
  return (
    <Menu position="bottom-end" width={280}>
      <Menu.Target>
        <Button ref={ref} variant="default" rightSection={<IconChevronDown size={16} aria-hidden />}>
          {t('more')}
        </Button>
      </Menu.Target>
      <Menu.Dropdown>
        <Menu.Item onClick={() => go(`/mailings/${mailing.id}/edit`)}>{t('step.edit')}</Menu.Item>
        <Menu.Item onClick={onClone}>{t('step.clone')}</Menu.Item>
        <Menu.Item onClick={() => onChoose('test')}>{t('step.test')}</Menu.Item>
        <Menu.Item onClick={() => onChoose('share')}>{t('step.share')}</Menu.Item>
        <Menu.Divider />
        {STEPS.filter((step) => !isAtHand(step)).map(item)}
        <Menu.Divider />
        {item('cancel')}
        {item('delete')}
      </Menu.Dropdown>
    </Menu>
  );
}

interface StepItemProps {
  step: Step;
  mailing: SteeredMailingFragment;
  onChoose: (step: Step) => void;
}

function StepItem({ step, mailing, onChoose }: StepItemProps) {
  const { t } = useTranslation('steer');
  const { status, endsAt, progress } = mailing;
  const refusal = refusalOf(step, { status, endsAt, open: progress.open }, Date.now());
  const isFinal = step === 'cancel' || step === 'delete';
  const label = <span style={isFinal && !refusal ? { color: 'var(--failed)' } : undefined}>{t(`step.${step}`)}</span>;
  if (refusal === null) return <Menu.Item onClick={() => onChoose(step)}>{label}</Menu.Item>;
  // Not `disabled`: then the arrow keys would pass over it, and nobody would hear why.
  return (
    <Menu.Item aria-disabled closeMenuOnClick={false}>
      <Text span c="dimmed" size="sm">
        {label}
      </Text>
      <Text c="dimmed" size="xs">
        {t(refusal)}
      </Text>
    </Menu.Item>
  );
}
