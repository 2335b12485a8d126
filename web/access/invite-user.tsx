import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { useMutation } from 'urql';
import { UserInviteDocument } from '../generated/graphql.js';
import { Dialog } from '../ui/dialog.js';
import { LinkMade } from './link-made.js';
import { UserForm } from './user-form.js';

/** Makes an account, and a link by which its owner sets a password. */
export function InviteUser({ opened, onClose }: { opened: boolean; onClose: () => void }) {
  const { t } = useTranslation('access');
  const [, invite] = useMutation(UserInviteDocument);
  const [made, setMade] = useState<{ link: string | null; email: string } | null>(null);
  if (made) return <LinkMade opened={opened} {...made} onClose={onClose} onClosed={() => setMade(null)} />;
  return (
    <Dialog opened={opened} onClose={onClose} title={t('users.invite')}>
      <UserForm
        initial={{ email: '', name: '', role: 'VIEWER' }}
        hasAccount={false}
        word={t('users.inviteDo')}
        send={async (input) => {
          const { error, data } = await invite({ input });
          const payload = data?.userInvite;
          if (payload?.user) setMade({ link: payload.link ?? null, email: input.email });
          return error ?? payload?.userErrors ?? [];
        }}
      />
    </Dialog>
  );
}
