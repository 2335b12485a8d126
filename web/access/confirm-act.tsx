import { Text } from '@mantine/core';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import type { CombinedError } from 'urql';
import { Confirm } from '../ui/confirm.js';
import { useTroubleText } from '../ui/trouble.js';

/** What `act` gives where there is more to show. */
export const STAY = Symbol('stay');

interface Props {
  opened: boolean;
  title: string;
  /** What will happen. */
  text: string;
  /** The word on the button that does it. */
  word: string;
  onClose: () => void;
  /** Does it. Null: it is done; else why not. `STAY`: it is done, and something else takes this one's place. */
  act: () => Promise<CombinedError | string | null | typeof STAY>;
}

/** Says what will happen, and does it; stays open while it can't be done, and says why. */
export function ConfirmAct({ opened, title, text, word, onClose, act }: Props) {
  const { t } = useTranslation('access');
  const sentence = useTroubleText();
  const [working, setWorking] = useState(false);
  const [trouble, setTrouble] = useState<string | null>(null);
  const close = () => {
    setTrouble(null);
    onClose();
  };
  const confirm = async () => {
    setWorking(true);
    const why = await act();
    setWorking(false);
    if (why === STAY) return;
    if (why === null) close();
    else setTrouble(typeof why === 'string' ? why : sentence(why));
  };
  return (
    <Confirm
      opened={opened}
      title={title}
      no={t('leave')}
      yes={word}
      first="no"
      isDoing={working}
      refused={trouble}
      onClose={close}
      onYes={confirm}
    >
      <Text>{text}</Text>
    </Confirm>
  );
}
