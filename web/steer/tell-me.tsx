import { Button } from '@mantine/core';
import { notifications } from '@mantine/notifications';
import { IconBell, IconBellFilled } from '@tabler/icons-react';
import { memo, useEffect, useSyncExternalStore } from 'react';
import { useTranslation } from 'react-i18next';
import type { MailingStatus } from '../generated/graphql.js';
import { askPermission, isTold, onTold, tellNot, tellWhenDone, watchTold } from './tell-when-done.js';

const MAY_END: readonly MailingStatus[] = ['SCHEDULED', 'RUNNING', 'PAUSED'];

/** A switch: say so when this mailing is done. */
export const TellMe = memo(function TellMe({ id, status }: { id: string; status: MailingStatus }) {
  const { t } = useTranslation('steer');
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
});
