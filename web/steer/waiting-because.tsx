import './steer.css';
import './words.js';
import { Group, Text } from '@mantine/core';
import { IconClockPause } from '@tabler/icons-react';
import { useTranslation } from 'react-i18next';
import { useQuery } from 'urql';
import { SendingStateDocument, type SteeredMailingFragment } from '../generated/graphql.js';
import { useServerWords } from '../i18n/use-server-words.js';
import { useFormat } from '../ui/format.js';
import { useNow } from '../ui/use-now.js';
import { useSteered } from './steered.js';
import { toldReasons, type WaitingEntry, waitingWords } from './waiting-words.js';

/** Why a mailing, or a part of it, stands still, and until when. Nothing where it just runs, or is over. */
export function WaitingBecause() {
  const { mailing } = useSteered();
  if (mailing === undefined || mailing.waiting.length === 0) return null;
  return <Reasons mailing={mailing} />;
}

function Reasons({ mailing }: { mailing: SteeredMailingFragment }) {
  const { t } = useTranslation('steer');
  return (
    <Group gap="xs" wrap="nowrap" align="flex-start">
      <IconClockPause size={20} aria-hidden style={{ flex: 'none', marginTop: 2 }} />
      <ul className="waiting-reasons" aria-label={t('waiting.title')} aria-live="polite">
        {toldReasons(mailing.waiting).map((entry) => (
          <Reason key={entry.reason} entry={entry} mailing={mailing} />
        ))}
      </ul>
    </Group>
  );
}

function Reason({ entry, mailing }: { entry: WaitingEntry; mailing: SteeredMailingFragment }) {
  const { t } = useTranslation('steer');
  const format = useFormat();
  const inWords = useServerWords();
  const [{ data }] = useQuery({ query: SendingStateDocument, pause: entry.reason !== 'STOPPED' });
  const { word, values } = waitingWords(entry, mailing, data?.sending ?? null, { ...format, inWords });
  return (
    <li>
      <Text span>{t(word, values)}</Text>
      {entry.until ? <Until at={entry.until} reason={entry.reason} /> : null}
    </li>
  );
}

/** Read out once, with the moment; the seconds are for the eye. */
function Until({ at, reason }: { at: string; reason: WaitingEntry['reason'] }) {
  const { t } = useTranslation('steer');
  const { moment, duration } = useFormat();
  const now = useNow();
  const left = Date.parse(at) - now;
  const word = reason === 'RATE' ? 'waiting.doneAt' : reason === 'START' ? 'waiting.at' : 'waiting.next';
  return (
    <Text span>
      {' '}
      {t(word, { at: moment(at) })}
      {left > 0 ? (
        <Text span c="dimmed" className="figures" aria-hidden>
          {' '}
          {t('waiting.in', { duration: duration(left) })}
        </Text>
      ) : null}
    </Text>
  );
}
