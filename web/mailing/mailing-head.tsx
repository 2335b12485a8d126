import { ActionIcon, Group, Text, Title, Tooltip, VisuallyHidden } from '@mantine/core';
import { IconMaximize } from '@tabler/icons-react';
import { useTranslation } from 'react-i18next';
import { MailingActions } from '../steer/mailing-actions.js';
import { useFormat } from '../ui/format.js';
import { MailingStatusBadge } from '../ui/status-badge.js';
import { useBigScreen } from './big-screen.js';
import type { MailingTerms } from './use-mailing.js';
import { useNextMoment } from './use-next-moment.js';
import { useProgress } from './use-progress.js';

/** What it is called, where it stands, when it goes, and what can be done with it. */
export function MailingHead({ mailing }: { mailing: MailingTerms }) {
  const { t } = useTranslation('mailing');
  const { enter } = useBigScreen();
  return (
    <header className="mailing-head">
      <div>
        <Group gap="sm">
          <Title order={1} size="h2">
            {mailing.name}
          </Title>
          <MailingStatusBadge status={mailing.status} />
        </Group>
        <Times mailing={mailing} />
      </div>
      <Group gap="xs" className="mailing-actions">
        <MailingActions />
        <Tooltip label={t('big.enter')}>
          <ActionIcon variant="default" size="lg" onClick={enter} aria-label={t('big.enter')} aria-keyshortcuts="f">
            <IconMaximize size={18} aria-hidden />
          </ActionIcon>
        </Tooltip>
      </Group>
      <Announcer status={mailing.status} />
    </header>
  );
}

function Times({ mailing }: { mailing: MailingTerms }) {
  const { period } = useFormat();
  const next = useNextMoment(mailing);
  return (
    <Text c="dimmed" className="figures">
      {period(mailing.startsAt, mailing.endsAt)}
      {next ? <> · {next}</> : null}
    </Text>
  );
}

/** Says to those who listen where it stands, at every tenth of the way and no more often. */
function Announcer({ status }: { status: MailingTerms['status'] }) {
  const { t } = useTranslation('mailing');
  const ui = useTranslation('ui').t;
  const progress = useProgress();
  const done = progress.total - progress.open;
  const tenths = progress.total === 0 ? 0 : Math.floor((done / progress.total) * 10);
  return (
    <VisuallyHidden role="status">
      {t('announce', { status: ui(`mailing.${status}`), share: `${tenths * 10} %` })}
    </VisuallyHidden>
  );
}
