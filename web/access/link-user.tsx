import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { useMutation } from 'urql';
import { UserLinkDocument } from '../generated/graphql.js';
import { ConfirmAct, STAY } from './confirm-act.js';
import type { UserDialogProps } from './edit-user.js';
import { LinkMade } from './link-made.js';

/** Another link by which somebody sets a password. */
export function LinkUser({ user, opened, onClose }: UserDialogProps) {
  const { t } = useTranslation('access');
  const [, make] = useMutation(UserLinkDocument);
  const [made, setMade] = useState<{ link: string | null } | null>(null);
  if (made) {
    return <LinkMade opened={opened} {...made} email={user.email} onClose={onClose} onClosed={() => setMade(null)} />;
  }
  return (
    <ConfirmAct
      opened={opened}
      title={t('users.linkTitle', { name: user.name })}
      text={t('users.linkText')}
      word={t('users.linkMake')}
      onClose={onClose}
      act={async () => {
        const { error, data } = await make({ id: user.id });
        const problem = error ?? data?.userLink.userErrors[0]?.message;
        if (problem) return problem;
        setMade({ link: data?.userLink.link ?? null });
        return STAY;
      }}
    />
  );
}
