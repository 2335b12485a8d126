import { useTranslation } from 'react-i18next';
import { useMutation } from 'urql';
import { TokenRevokeDocument, type TokenRowFragment } from '../generated/graphql.js';
import { ConfirmAct } from './confirm-act.js';

interface Props {
  token: TokenRowFragment;
  opened: boolean;
  onClose: () => void;
}

/** Asks before a token ends for good. */
export function RevokeToken({ token, opened, onClose }: Props) {
  const { t } = useTranslation('access');
  const [, revoke] = useMutation(TokenRevokeDocument);
  return (
    <ConfirmAct
      opened={opened}
      title={t('tokens.revokeTitle', { name: token.name })}
      text={t('tokens.revokeText')}
      word={t('tokens.revoke')}
      onClose={onClose}
      act={async () => {
        const { error, data } = await revoke({ id: token.id });
        return error ?? data?.tokenRevoke.userErrors[0]?.message ?? null;
      }}
    />
  );
}
