import { Button, Text } from '@mantine/core';
import { notifications } from '@mantine/notifications';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { useMutation } from 'urql';
import { DailyReportSendDocument, DailyReportSendToMeDocument } from '../generated/graphql.js';
import { useMay } from '../shell/viewer.js';
import { Confirm } from '../ui/confirm.js';
import { useFormat } from '../ui/format.js';
import { useTroubleText } from '../ui/trouble.js';

/** Has a letter sent: to oneself, and for those who may to the recipients. */
export function SendReport({ date, onSent }: { date: string; onSent: () => void }) {
  const { t } = useTranslation('dailyReports');
  const inWords = useTroubleText();
  const [asked, setAsked] = useState(false);
  const [{ fetching }, sendToMe] = useMutation(DailyReportSendToMeDocument);
  const toMe = async () => {
    const { data, error } = await sendToMe({ date });
    const trouble = error ? inWords(error) : data?.dailyReportSendToMe.userErrors[0]?.message;
    notifications.show(trouble ? { color: 'red', message: trouble } : { message: t('toMeDone') });
  };
  return (
    <>
      <Button variant="default" loading={fetching} onClick={toMe}>
        {t('toMe')}
      </Button>
      {useMay('ACCESS_ADMIN') ? (
        <>
          <Button variant="default" onClick={() => setAsked(true)}>
            {t('toAll')}
          </Button>
          <SendToAll {...{ date, onSent }} opened={asked} onClose={() => setAsked(false)} />
        </>
      ) : null}
    </>
  );
}

interface SendToAllProps {
  date: string;
  opened: boolean;
  onClose: () => void;
  onSent: () => void;
}

function SendToAll({ date, opened, onClose, onSent }: SendToAllProps) {
  const { t } = useTranslation('dailyReports');
  const { count, day } = useFormat();
  const [{ data, error, fetching }, send] = useMutation(DailyReportSendDocument);
  const onYes = async () => {
    const letters = (await send({ date })).data?.dailyReportSend.letterCount;
    if (letters == null) return;
    notifications.show({
      message: letters === 0 ? t('toAllNothing') : t('toAllDone', { count: letters, n: count(letters) }),
    });
    onClose();
    onSent();
  };
  return (
    <Confirm
      {...{ opened, onClose, error, onYes }}
      title={t('toAllTitle', { day: day(`${date}T00:00`) })}
      no={t('back')}
      yes={t('toAll')}
      first="no"
      isDoing={fetching}
      refused={data?.dailyReportSend.userErrors[0]?.message}
    >
      <Text>{t('toAllText')}</Text>
    </Confirm>
  );
}
