import { Button, Group, Stack, Text } from '@mantine/core';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import type { CombinedError } from 'urql';
import { Dialog } from '../ui/dialog.js';
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
export function Confirm({ opened, title, text, word, onClose, act }: Props) {
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
    <Dialog opened={opened} onClose={close} title={title}>
      <Stack gap="sm">
        <Text>{text}</Text>
        {trouble ? (
          <Text role="alert" c="var(--failed)">
            {trouble}
          </Text>
        ) : null}
        <Group justify="end">
          <Button variant="default" data-autofocus onClick={close}>
            {t('leave')}
          </Button>
          <Button loading={working} onClick={confirm}>
            {word}
          </Button>
        </Group>
      </Stack>
    </Dialog>
  );
}
