import { Text } from '@mantine/core';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { useMutation } from 'urql';
import { type MailingRowFragment, RowPauseDocument, RowResumeDocument } from '../generated/graphql.js';
import { Confirm } from '../ui/confirm.js';
import { useFormat } from '../ui/format.js';
import { useTroubleText } from '../ui/trouble.js';

interface Props {
  step: 'pause' | 'resume';
  mailing: MailingRowFragment;
  opened: boolean;
  onClose: () => void;
}

/** Says what will happen to whom, and does it. What it says is of the moment: the row goes on changing behind it. */
export default function StepDialog({ step, mailing, opened, onClose }: Props) {
  const { t } = useTranslation('mailings');
  const sentence = useTroubleText();
  const { count } = useFormat();
  const [trouble, setTrouble] = useState<string | null>(null);
  const [pausing, pause] = useMutation(RowPauseDocument);
  const [resuming, resume] = useMutation(RowResumeDocument);
  const { open, sending } = mailing.progress;
  const act = async () => {
    const { error, data } = await (step === 'pause' ? pause : resume)({ id: mailing.id });
    const payload = data && ('mailingPause' in data ? data.mailingPause : data.mailingResume);
    const said = error ? sentence(error) : payload?.userErrors[0]?.message;
    if (said) setTrouble(said);
    else onClose();
  };
  return (
    <Confirm
      opened={opened}
      title={t(`${step}.title`, { name: mailing.name })}
      no={t('leave')}
      yes={t(`${step}`)}
      first="yes"
      isDoing={pausing.fetching || resuming.fetching}
      refused={trouble}
      onClose={onClose}
      onYes={act}
    >
      <Text>{t(`${step}.text`, { count: open, n: count(open) })}</Text>
      {step === 'pause' && sending > 0 ? (
        <Text>{t('pause.inFlight', { count: sending, n: count(sending) })}</Text>
      ) : null}
    </Confirm>
  );
}
