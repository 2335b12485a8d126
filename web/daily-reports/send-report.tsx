import { Button, Text } from '@mantine/core';
import { notifications } from '@mantine/notifications';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { useMutation, useQuery } from 'urql';
import { DailyReportPlanDocument, DailyReportSendDocument, DailyReportSendToMeDocument } from '../generated/graphql.js';
import { useMay } from '../shell/viewer.js';
import { Confirm } from '../ui/confirm.js';
import { useFormat } from '../ui/format.js';
import { useTroubleText } from '../ui/trouble.js';

/** The element that says when reports are sent, or why none can be. */
export const PLAN = 'daily-report-plan';

/** Has a letter sent: to oneself, and for those who may to the recipients; not where the settings name no mail server or nobody. */
export function SendReport({ date, onSent }: { date: string; onSent: () => void }) {
  const { t } = useTranslation('dailyReports');
  const inWords = useTroubleText();
  const [asked, setAsked] = useState(false);
  const [{ data: settings }] = useQuery({ query: DailyReportPlanDocument });
  const { canMail = false, recipientCount = 0 } = settings?.dailyReportPlan ?? {};
  const [{ fetching }, sendToMe] = useMutation(DailyReportSendToMeDocument);
  const toMe = async () => {
    const { data, error } = await sendToMe({ date });
    const trouble = error ? inWords(error) : data?.dailyReportSendToMe.userErrors[0]?.message;
    notifications.show(trouble ? { color: 'red', message: trouble } : { message: t('toMeDone') });
  };
  return (
    <>
      <Button variant="default" aria-describedby={PLAN} disabled={!canMail} loading={fetching} onClick={toMe}>
        {t('toMe')}
      </Button>
      {useMay('ACCESS_ADMIN') ? (
        <>
          <Button
            variant="default"
            aria-describedby={PLAN}
            disabled={!canMail || recipientCount === 0}
            onClick={() => setAsked(true)}
          >
            {t('toAll')}
          </Button>
          <SendToAll {...{ date, recipientCount, onSent }} opened={asked} onClose={() => setAsked(false)} />
        </>
      ) : null}
    </>
  );
}

interface SendToAllProps {
  date: string;
  recipientCount: number;
  opened: boolean;
  onClose: () => void;
  onSent: () => void;
}

function SendToAll({ date, recipientCount, opened, onClose, onSent }: SendToAllProps) {
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
      <Text>{t('toAllText', { count: recipientCount, n: count(recipientCount) })}</Text>
    </Confirm>
  );
}
