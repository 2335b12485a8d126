import { Button } from '@mantine/core';
import { notifications } from '@mantine/notifications';
import { IconBell, IconBellFilled } from '@tabler/icons-react';
import { useEffect, useSyncExternalStore } from 'react';
import { useTranslation } from 'react-i18next';
import type { SteeredMailingFragment } from '../generated/graphql.js';
import { askPermission, isTold, onTold, tellNot, tellWhenDone, watchTold } from './tell-when-done.js';

const MAY_END: readonly string[] = ['SCHEDULED', 'RUNNING', 'PAUSED'];

/** A switch: say so when this mailing is done. */
export function TellMe({ mailing }: { mailing: SteeredMailingFragment }) {
  const { t } = useTranslation('steer');
  const { id, status } = mailing;
  useEffect(watchTold, []);
  const told = useSyncExternalStore(onTold, () => isTold(id));
  if (!MAY_END.includes(status)) return null;
  const choose = async () => {
    if (told) return tellNot(id);
    tellWhenDone(id);
    const mayOutside = await askPermission();
    notifications.show({ message: t(mayOutside ? 'tell.everywhere' : 'tell.inPage') });
  };
  return (
    <Button
      variant="default"
      aria-pressed={told}
      leftSection={told ? <IconBellFilled size={16} aria-hidden /> : <IconBell size={16} aria-hidden />}
      onClick={() => void choose()}
    >
      {t('tell')}
    </Button>
  );
}
