import { useTranslation } from 'react-i18next';
import { useMutation } from 'urql';
import { type UserRowFragment, UserUpdateDocument } from '../generated/graphql.js';
import { Dialog } from '../ui/dialog.js';
import { UserForm } from './user-form.js';

export interface UserDialogProps {
  user: UserRowFragment;
  opened: boolean;
  onClose: () => void;
}

/** Another name, or another role, from the next request on. */
export function EditUser({ user, opened, onClose }: UserDialogProps) {
  const { t } = useTranslation('access');
  const [, update] = useMutation(UserUpdateDocument);
  const { name, email, role } = user;
  return (
    <Dialog opened={opened} onClose={onClose} title={t('users.editTitle', { name })}>
      <UserForm
        initial={{ name, email, role }}
        hasAccount
        word={t('users.save')}
        send={async (fields) => {
          const changed = {
            ...(fields.name !== name && { name: fields.name }),
            ...(fields.role !== role && { role: fields.role }),
          };
          const { error, data } = await update({ id: user.id, input: changed });
          const problems = data?.userUpdate.userErrors ?? [];
          if (!error && problems.length === 0) onClose();
          return error ?? problems;
        }}
      />
    </Dialog>
  );
}
