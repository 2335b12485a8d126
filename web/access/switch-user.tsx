import { useTranslation } from 'react-i18next';
import { useMutation } from 'urql';
import { UserUpdateDocument } from '../generated/graphql.js';
import { ConfirmAct } from './confirm-act.js';
import type { UserDialogProps } from './edit-user.js';

/** Keeps somebody out, or lets them in again. */
export function SwitchUser({ user, opened, onClose }: UserDialogProps) {
  const { t } = useTranslation('access');
  const [, update] = useMutation(UserUpdateDocument);
  const { name } = user;
  const step = user.disabledAt ? 'enable' : 'disable';
  return (
    <ConfirmAct
      opened={opened}
      title={t(`users.${step}Title`, { name })}
      text={t(`users.${step}Text`)}
      word={t(`users.${step}`)}
      onClose={onClose}
      act={async () => {
        const { error, data } = await update({ id: user.id, input: { disabled: step === 'disable' } });
        return error ?? data?.userUpdate.userErrors[0]?.message ?? null;
      }}
    />
  );
}
