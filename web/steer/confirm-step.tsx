import './steer.css';
import './words.js';
import { Alert, List, Skeleton, Stack, Text } from '@mantine/core';
import { notifications } from '@mantine/notifications';
import { type ReactNode, useMemo, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { useMutation } from 'urql';
import { Link } from 'wouter';
import {
  CancelMailingDocument,
  DeleteMailingDocument,
  PauseMailingDocument,
  ResumeMailingDocument,
  ScheduleMailingDocument,
  StartMailingDocument,
  type SteeredMailingFragment,
} from '../generated/graphql.js';
import type { Language } from '../i18n/i18n.js';
import { Confirm } from '../ui/confirm.js';
import { useFormat } from '../ui/format.js';
import { troubleText } from '../ui/trouble.js';
import { createLocalMoment } from './local-moment.js';
import type { Step } from './possible-steps.js';
import { useProspect } from './use-prospect.js';
import { type Sentence, whatHappens } from './what-happens.js';

/** One document a step; all answer with `taken`. */
const DOCUMENTS = {
  schedule: ScheduleMailingDocument,
  start: StartMailingDocument,
  pause: PauseMailingDocument,
  resume: ResumeMailingDocument,
  cancel: CancelMailingDocument,
  delete: DeleteMailingDocument,
} as const;

export interface ConfirmStepProps {
  step: Step;
  mailing: SteeredMailingFragment;
  onClose: () => void;
  onTaken?: (step: Step) => void;
}

/** Asks before a step is taken, and says what it will do to whom. The figures are of this moment, and go on moving. */
export function ConfirmStep({ step, mailing, onClose, onTaken }: ConfirmStepProps) {
  const { t } = useTranslation('steer');
  const { name } = mailing;
  const { prospect, problem, isLoading, revision } = useProspect(step, mailing);
  const { take, fetching, trouble } = useTake(step, mailing.id, revision, () => {
    notifications.show({ message: t(`done.${step}`, { name }) });
    onClose();
    onTaken?.(step);
  });
  const isFinal = step === 'cancel' || step === 'delete';
  const what = trouble ?? problem;
  return (
    <Confirm
      opened
      size="lg"
      title={t(`ask.${step}`, { name })}
      no={t('do.not')}
      yes={step === 'start' ? <StartLabel people={prospect?.forecast?.audienceCount ?? 0} /> : t(`do.${step}`)}
      first={isFinal ? 'no' : 'yes'}
      isGrave={isFinal}
      isDoing={fetching}
      isHeld={isLoading || problem !== null}
      refused={
        what ? (
          <>
            <Text>{what.message}</Text>
            {what.field === 'endsAt' ? <Link href={`/mailings/${mailing.id}/edit`}>{t('step.edit')}</Link> : null}
          </>
        ) : null
      }
      onClose={onClose}
      onYes={take}
    >
      {isLoading ? <Reckoning /> : prospect ? <Happenings step={step} prospect={prospect} /> : null}
    </Confirm>
  );
}

function StartLabel({ people }: { people: number }): ReactNode {
  const { t } = useTranslation('steer');
  const { count } = useFormat();
  return t('do.start', { count: people, n: count(people) });
}

function Reckoning() {
  const { t } = useTranslation('steer');
  return (
    <Stack gap="xs" aria-busy="true">
      <Text c="dimmed" role="status">
        {t('counting')}
      </Text>
      <Skeleton height={16} width="70%" />
      <Skeleton height={16} width="55%" />
    </Stack>
  );
}

function Happenings({ step, prospect }: { step: Step; prospect: Parameters<typeof whatHappens>[1] }) {
  const { i18n } = useTranslation('steer');
  const format = useFormat();
  const local = useMemo(() => createLocalMoment(i18n.language as Language), [i18n.language]);
  const sentences = whatHappens(step, prospect, format, local);
  const warnings = sentences.filter(({ isWarning }) => isWarning);
  return (
    <>
      <List spacing={4}>
        {sentences
          .filter(({ isWarning }) => !isWarning)
          .map((sentence) => (
            <List.Item key={sentence.word}>
              <Words {...sentence} />
            </List.Item>
          ))}
      </List>
      {warnings.map((sentence) => (
        <Alert key={sentence.word} color="orange" variant="outline">
          <Words {...sentence} />
        </Alert>
      ))}
    </>
  );
}

function Words({ word, values }: Sentence): ReactNode {
  const { t } = useTranslation('steer');
  return t(word, values ?? {});
}

interface Take {
  take: () => void;
  fetching: boolean;
  trouble: { field: string | null; message: string } | null;
}

/**
 * The server decides by the row as it is by then; what it refuses is a sentence for people.
 *
 * @param revision what the person was shown; null: whichever there is
 */
function useTake(step: Step, id: string, revision: number | null, onTaken: () => void): Take {
  const { t } = useTranslation('shell');
  const [{ fetching }, execute] = useMutation(DOCUMENTS[step]);
  const [trouble, setTrouble] = useState<Take['trouble']>(null);
  const take = async () => {
    setTrouble(null);
    const { data, error } = await execute({ id, revision });
    const refused = data?.taken.userErrors[0];
    if (error) setTrouble({ field: null, message: troubleText(error, t('trouble.network')) });
    else if (refused) setTrouble({ field: refused.field ?? null, message: refused.message });
    else onTaken();
  };
  return { take: () => void take(), fetching, trouble };
}
